"""The commands: one file each, with `main(arguments)`, imported only when called."""
