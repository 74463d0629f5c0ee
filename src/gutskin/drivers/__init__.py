"""What drives an answer: blocks and numbers by sampling, edges by cutting, numbers by slopes."""
