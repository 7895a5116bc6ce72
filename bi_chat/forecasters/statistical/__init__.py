"""Forecasting methods written on arrays: smoothing on seasonal views of a series, and methods for rare demand."""
