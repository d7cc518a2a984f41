"""Mistakes in what the project file says of pods: one line each, with its key."""

import pytest
from pod_settings import EVERYTHING, PLAIN

from maestro_ml.project import ProjectError

MISTAKES = {
    "a quantity": ({"resources": {"memory": "2 GB"}}, "execution.resources.memory", "2Gi"),
    "memory without a unit": ({"resources": {"memory": 2}}, "execution.resources.memory", "2 bytes are too few"),
    "memory in thousandths": ({"resources": {"memory": "2048m"}}, "execution.resources.memory", "bytes are too few"),
    "no CPU": ({"resources": {"cpu": "0"}}, "execution.resources.cpu", "more than no CPU"),
    "a request above its limit": (
        {"resources": {"memory": "4Gi", "memory_limit": "3Gi"}},
        "execution.resources.memory",
        "memory 4Gi is more than memory_limit 3Gi",
    ),
    "a step's request above the limit of all": (
        {"resources": {"memory_limit": "3Gi"}, "steps": {"train": {"resources": {"memory": "8Gi"}}}},
        "execution.steps.train.resources.memory",
        "memory 8Gi is more than memory_limit 3Gi",
    ),
    "fewer GPUs than none": ({"resources": {"gpus": -1}}, "execution.resources.gpus", "greater than or equal to 0"),
    "a key of no label": ({"node_selector": {"a b": "x"}}, "execution.node_selector.a b", "example.com/disk"),
    "a value of no label": ({"labels": {"a": "x y"}}, "execution.labels.a", "at most 63 letters"),
    "a name": ({"priority_class": "Low_Priority"}, "execution.priority_class", "lower-case letters"),
    "a queue's name": ({"queue": "a/b"}, "execution.queue", "lower-case letters"),
    "a toleration's value without a key": (
        {"tolerations": [{"value": "x"}]},
        "execution.tolerations.0.value",
        "belongs to a key",
    ),
    "seconds of another effect": (
        {"tolerations": [{"key": "x", "effect": "NoSchedule", "seconds": 5}]},
        "execution.tolerations.0.seconds",
        "NoExecute",
    ),
    "an effect": ({"tolerations": [{"effect": "NoShedule"}]}, "execution.tolerations.0.effect", "'NoSchedule'?"),
    "a volume of nothing": ({"volumes": [{"path": "/x"}]}, "execution.volumes.0", "give one of claim"),
    "a volume of two": (
        {"volumes": [{"path": "/x", "claim": "a", "secret": "b"}]},
        "execution.volumes.0",
        "found claim and secret",
    ),
    "a volume at no path": ({"volumes": [{"path": "x", "claim": "a"}]}, "execution.volumes.0.path", "like /data"),
    "a volume over ours": (
        {"volumes": [{"path": "/etc/maestro/ca", "secret": "a"}]},
        "execution.volumes.0.path",
        "Maestro's own",
    ),
    "a path given twice": (
        {"volumes": [{"path": "/x", "claim": "a"}, {"path": "/x/", "claim": "b"}]},
        "execution.volumes.1.path",
        "given twice",
    ),
    "a Secret to write to": (
        {"volumes": [{"path": "/x", "secret": "a", "read_only": False}]},
        "execution.volumes.0.read_only",
        "cannot be written to",
    ),
    "a variable": ({"environment": {"A-B": "x"}}, "execution.environment.A-B", "letters, digits and _"),
    "a variable of ours": ({"environment": {"MAESTRO_PROJECT": "x"}}, "execution.environment.MAESTRO_PROJECT", "names"),
    "a step": ({"steps": {"trian": {}}}, "execution.steps.trian", "did you mean 'train'?"),
    "a step in a list": ({"steps": ["trian"]}, "execution.steps.trian", "did you mean 'train'?"),
    "a step named twice": ({"steps": ["train", "train"]}, "execution.steps", "'train' is named twice"),
    "a key of a step": (
        {"steps": {"train": {"memory": "2Gi"}}},
        "execution.steps.train.memory",
        "there are: custom_resource, environment",
    ),
    "the queue twice": (
        {"queue": "a", "labels": {"kueue.x-k8s.io/queue-name": "b"}},
        "execution.labels.kueue.x-k8s.io/queue-name",
        "given twice",
    ),
}


@pytest.mark.parametrize(("execution", "key", "words"), MISTAKES.values(), ids=MISTAKES)
def test_a_mistake_is_one_line_with_its_key(project_with, execution, key, words):
    with pytest.raises(ProjectError) as caught:
        project_with({**PLAIN, **execution})
    (problem,) = caught.value.problems
    assert problem.key == key
    assert words in problem.message
    assert problem.line > 1


@pytest.mark.parametrize(
    ("pods", "key", "words"),
    [
        ({"train": {"resources": {"memory": "x"}}}, "models.first.pods.train.resources.memory", "2Gi"),
        ({"train": {"resources": {"memory": "9Gi"}}}, "models.first.pods.train.resources.memory", "limit 8Gi"),
        ({"trian": {}}, "models.first.pods.trian", "did you mean 'train'?"),
        ({"validate_training": {}}, "models.first.pods.validate_training", "has no pod; add it to execution.steps"),
    ],
)
def test_a_mistake_of_a_model_is_one_line_with_its_key(project_with, pods, key, words):
    with pytest.raises(ProjectError) as caught:
        project_with(EVERYTHING, pods)
    (problem,) = caught.value.problems
    assert problem.key == key
    assert words in problem.message
