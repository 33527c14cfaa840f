"""What some metrics need besides predictions: tests that are run, vectors that are compared. One module for each such metric.

In: predictions of a generation task, the metric's call. Out: columns for the predictions, one item a sample, and notes.
"""
