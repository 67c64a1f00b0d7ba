"""The catalogues, one folder for each language, and what keeps them up to date: `python -m tempkit.i18n.locale`."""
