"""Training a small GPT: the stories it learns from, the model, the loop, its evaluation. Needs PyTorch to run."""
