"""The report's charts: their data, their sentences, and the Vega-Lite that draws them."""
