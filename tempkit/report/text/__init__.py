"""What the report says: phrases, labels and names in the reader's language, made safe for a page."""
