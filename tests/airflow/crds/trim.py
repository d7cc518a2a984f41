"""Cut a CustomResourceDefinition down to what a manifest uses: `python trim.py CRD.yaml VERSION MANIFEST_NAME`.

Below what the manifest does not use only the type is kept, so such a part takes anything of its type.
"""

import sys
from pathlib import Path
from typing import Any

import yaml

sys.path.insert(0, str(Path(__file__).parents[1]))
import custom_resource_settings

from maestro_ml.airflow.resource_manifest import resource_manifest
from maestro_ml.project import Project
from maestro_ml.project.custom_resource import CustomResource

_KEPT = ("type", "required", "enum", "x-kubernetes-int-or-string", "additionalProperties", "pattern", "format")


def trimmed(schema: dict[str, Any], used: Any) -> dict[str, Any]:
    """Return the schema without what the value does not use."""
    anything = {"x-kubernetes-preserve-unknown-fields": True}
    kind = {key: schema[key] for key in ("type", "x-kubernetes-int-or-string") if key in schema}
    if used is None and kind.get("type") != "array":
        return kind | (anything if kind.get("type") == "object" else {})
    kept = {key: schema[key] for key in _KEPT if key in schema}
    if schema.get("type") == "object" and "properties" in schema:
        kept["properties"] = {key: trimmed(each, used.get(key)) for key, each in schema["properties"].items()}
    elif schema.get("type") == "array":
        if not used:
            return {"type": "array", "items": trimmed(schema["items"], None)}
        kept["items"] = trimmed(schema["items"], used[0])
    return kept


def main(file: str, version: str, name: str) -> None:
    """Print the trimmed definition."""
    document = yaml.load(Path(file).read_text(), yaml.CSafeLoader)
    settings = custom_resource_settings.EVERYTHING
    project = Project.model_validate(
        {
            "name": "trim",
            "datasets": {"d": {"source": {"kind": "parquet", "path": "d.parquet"}}},
            "execution": settings,
        }
    )
    resource = CustomResource.model_validate(getattr(custom_resource_settings, name))
    manifest = resource_manifest(project, resource, "train", "", "/opt/project", ["run", "train"])
    (found,) = [each for each in document["spec"]["versions"] if each["name"] == version]
    schema = found["schema"]["openAPIV3Schema"]
    kept = {
        "type": "object",
        "properties": {
            "apiVersion": {"type": "string"},
            "kind": {"type": "string"},
            "metadata": {"type": "object"},
            "spec": trimmed(schema["properties"]["spec"], manifest["spec"]),
            "status": {"type": "object", "x-kubernetes-preserve-unknown-fields": True},
        },
    }
    names = {key: document["spec"]["names"][key] for key in ("kind", "listKind", "plural", "singular")}
    # An API server demands it of the groups under k8s.io.
    annotation = "api-approved.kubernetes.io"
    approved = {k: v for k, v in (document["metadata"].get("annotations") or {}).items() if k == annotation}
    crd = {
        "apiVersion": "apiextensions.k8s.io/v1",
        "kind": "CustomResourceDefinition",
        "metadata": {"name": document["metadata"]["name"]} | ({"annotations": approved} if approved else {}),
        "spec": {
            "group": document["spec"]["group"],
            "names": names,
            "scope": "Namespaced",
            "versions": [
                {
                    "name": version,
                    "served": True,
                    "storage": True,
                    "schema": {"openAPIV3Schema": kept},
                    "subresources": {"status": {}},
                }
            ],
        },
    }
    sys.stdout.write(yaml.safe_dump(crd, sort_keys=False, default_flow_style=None, width=150))


if __name__ == "__main__":
    main(*sys.argv[1:])
