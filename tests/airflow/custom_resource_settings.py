"""The manifests of docs/custom-resources.md, as the project file has them."""

RAY = {
    "apiVersion": "ray.io/v1",
    "kind": "RayJob",
    "spec": {
        "entrypoint": "${commandLine}",
        "shutdownAfterJobFinishes": True,
        "submissionMode": "HTTPMode",
        "preRunningDeadlineSeconds": 600,
        "rayClusterSpec": {
            "headGroupSpec": {
                "rayStartParams": {},
                "template": {
                    "metadata": {"labels": "${labels}"},
                    "spec": {
                        "serviceAccountName": "${serviceAccountName}",
                        "priorityClassName": "${priorityClassName}",
                        "nodeSelector": "${nodeSelector}",
                        "tolerations": "${tolerations}",
                        "securityContext": "${podSecurityContext}",
                        "volumes": "${volumes}",
                        "containers": [
                            {
                                "name": "ray-head",
                                "image": "${image}",
                                "env": "${env}",
                                "envFrom": "${envFrom}",
                                "resources": "${resources}",
                                "volumeMounts": "${volumeMounts}",
                                "securityContext": "${securityContext}",
                            }
                        ],
                    },
                },
            },
            "workerGroupSpecs": [
                {
                    "groupName": "workers",
                    "replicas": 2,
                    "minReplicas": 2,
                    "maxReplicas": 2,
                    "rayStartParams": {},
                    "template": {
                        "metadata": {"labels": "${labels}"},
                        "spec": {
                            "securityContext": "${podSecurityContext}",
                            "containers": [
                                {
                                    "name": "ray-worker",
                                    "image": "${image}",
                                    "resources": {"requests": {"cpu": 2, "memory": "4Gi"}, "limits": {"memory": "4Gi"}},
                                    "securityContext": "${securityContext}",
                                }
                            ],
                        },
                    },
                }
            ],
        },
    },
}
TRAIN = {
    "apiVersion": "trainer.kubeflow.org/v1alpha1",
    "kind": "TrainJob",
    "spec": {
        "runtimeRef": {"name": "maestro"},
        "trainer": {
            "image": "${image}",
            "command": "${command}",
            "args": "${args}",
            "env": "${env}",
            "numNodes": 1,
            "resourcesPerNode": "${resources}",
        },
    },
}
SPARK = {
    "apiVersion": "sparkoperator.k8s.io/v1beta2",
    "kind": "SparkApplication",
    "spec": {
        "type": "Python",
        "mode": "cluster",
        "sparkVersion": "4.0.1",
        "image": "${image}",
        "mainApplicationFile": "local:///opt/project/run_step.py",
        "arguments": "${args}",
        "restartPolicy": {"type": "Never"},
        "volumes": "${volumes}",
        "driver": {
            "cores": 1,
            "memory": "4g",
            "serviceAccount": "spark",
            "labels": "${labels}",
            "env": "${env}",
            "envFrom": "${envFrom}",
            "volumeMounts": "${volumeMounts}",
            "securityContext": "${securityContext}",
        },
        "executor": {"instances": 2, "cores": 2, "memory": "4g", "securityContext": "${securityContext}"},
    },
}
TOY = {
    "apiVersion": "toys.example.com/v1",
    "kind": "Toy",
    "succeeded": [".status.phase=Done"],
    "failed": [".status.phase=Broken", "condition=Lost"],
    "spec": {"template": {"metadata": {"labels": "${labels}"}, "spec": "${podSpec}"}},
}

# Uses every placeholder of the manifests, so that none is left out.
EVERYTHING = {
    "mode": "kubernetes",
    "image": "localhost/maestro-training:0.1.0",
    "namespace": "training",
    "service_account": "trainer",
    "env_from_config_map": "settings",
    "env_from_secret": "endpoints",
    "resources": {"cpu": "2", "memory": "4Gi", "gpus": 1},
    "node_selector": {"pool": "gpu"},
    "tolerations": [{"key": "nvidia.com/gpu", "effect": "NoSchedule"}, {"effect": "NoExecute", "seconds": 60}],
    "priority_class": "batch-low",
    "queue": "night",
    "environment": {"PATTERN": "$(HOME)"},
    "volumes": [{"path": "/data", "claim": "data"}, {"path": "/dev/shm", "memory": "1Gi"}],
    "fs_group": 0,
}
