"""Summer <-> winter: two generators that learn to translate scenes without pairs (CycleGAN)."""
