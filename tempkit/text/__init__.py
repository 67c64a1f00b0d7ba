"""What text is made of: tokens and their bytes, thinking apart from answers, keys taken out."""
