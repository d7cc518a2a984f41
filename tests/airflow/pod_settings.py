"""The section `execution` of a project whose steps run in pods: with little in it, and with everything."""

PLAIN = {"mode": "kubernetes", "image": "localhost/maestro-training:0.1.0", "namespace": "training"}
EVERYTHING = {
    **PLAIN,
    "service_account": "trainer",
    "env_from_secret": "maestro-endpoints",
    "ca_config_map": "authorities",
    "tls_secret": "tls",
    "resources": {"cpu": 1, "memory": "2Gi", "memory_limit": "3Gi"},
    "node_selector": {"disk": "fast"},
    "environment": {"OMP_NUM_THREADS": "1"},
    "steps": {
        "build_features": None,
        "train": {
            "resources": {"cpu": "4", "memory": "8Gi", "memory_limit": "8Gi", "gpus": 1},
            "node_selector": {"pool": "gpu"},
            "tolerations": [
                {"key": "nvidia.com/gpu", "effect": "NoSchedule"},
                {"key": "team", "value": "research"},
                {"effect": "NoExecute", "seconds": 60},
            ],
            "priority_class": "batch-low",
            "queue": "training",
            "labels": {"example.com/cost-centre": "42"},
            "environment": {"OMP_NUM_THREADS": "4", "PATTERN": "$(HOME)"},
            "volumes": [
                {"path": "/data", "claim": "training-data", "read_only": True},
                {"path": "/settings", "config_map": "settings"},
                {"path": "/keys", "secret": "keys"},
                {"path": "/scratch", "empty": "20Gi"},
                {"path": "/dev/shm", "memory": "1Gi"},
            ],
            "fs_group": 0,
        },
        "evaluate": {},
        "register": {},
    },
}
