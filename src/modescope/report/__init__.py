"""The report: scores and media become a plain view model, the view model becomes self-contained HTML pages."""
