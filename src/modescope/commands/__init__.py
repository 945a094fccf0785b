"""Commands beside `check`: one file each, `main(arguments)` -> exit code; imported only when they are asked for."""
