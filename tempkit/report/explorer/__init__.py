"""The report's temperature explorer: one token's distribution at any temperature."""
