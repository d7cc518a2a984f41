"""Tests of dbt, in the YAML files beside its models."""
