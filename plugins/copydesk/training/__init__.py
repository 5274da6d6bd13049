"""Training: from labelled documents to the weights that `labelling` ships. Nothing that cleans imports it."""
