"""Claims of an article, and what the model and its cases say to them."""
