"""Provably-fair verification, audit of recorded rounds, estimate of the house edge."""
