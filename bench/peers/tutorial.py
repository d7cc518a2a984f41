"""A training as a tutorial writes it: pandas, merge_asof, scikit-learn, and mlflow with its own defaults.

    python bench/peers/tutorial.py PROJECT MLFLOW_URI FIT_FILE

It reads the flights project's tables, trains the same forest on the same rows, and registers it if it is good enough.
It runs in Maestro's environment, and needs no other.
"""

import sys
import time
from pathlib import Path

import mlflow
import pandas as pd
from mlflow.models import infer_signature
from sklearn.compose import ColumnTransformer
from sklearn.ensemble import RandomForestClassifier
from sklearn.impute import SimpleImputer
from sklearn.metrics import accuracy_score, roc_auc_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OrdinalEncoder

project, uri, fit_file = sys.argv[1:]
data = Path(project) / "data"
LIMIT = 0.85
END = pd.Timestamp("2013-12-01", tz="UTC")
VIEWS = {
    "carrier_history": ("carrier", "3D"),
    "route_history": ("route", "3D"),
    "origin_conditions": ("origin", "6h"),
}
TEXT = ["carrier", "origin"]
OWN = ["dep_delay", "hour", "weekday", "distance", *TEXT]


def merged(rows: pd.DataFrame, view: str, key: str, tolerance: str) -> pd.DataFrame:
    features = pd.read_parquet(data / f"{view}.parquet").sort_values("event_timestamp")
    features["event_timestamp"] = features["event_timestamp"].astype(rows["scheduled_departure"].dtype)
    joined = pd.merge_asof(
        rows,
        features,
        left_on="scheduled_departure",
        right_on="event_timestamp",
        by=key,
        tolerance=pd.Timedelta(tolerance),
    )
    return joined.drop(columns="event_timestamp")


flights = pd.read_parquet(data / "flights.parquet")
flights = flights[flights["late"].notna()].sort_values("scheduled_departure")
inside = (flights["scheduled_departure"] >= END - pd.Timedelta("122D")) & (flights["scheduled_departure"] < END)
flights = flights[inside]
known = set(flights.columns)
for view, (key, tolerance) in VIEWS.items():
    flights = merged(flights, view, key, tolerance)
columns = [*OWN, *(name for name in flights.columns if name not in known)]
is_test = flights["scheduled_departure"] >= END - pd.Timedelta("30D")
train, test = flights[~is_test], flights[is_test]

numbers = [name for name in columns if name not in TEXT]
model = make_pipeline(
    ColumnTransformer(
        [
            ("numbers", SimpleImputer(strategy="median"), numbers),
            ("text", OrdinalEncoder(handle_unknown="use_encoded_value", unknown_value=-1), TEXT),
        ]
    ),
    RandomForestClassifier(n_estimators=60, max_depth=14, min_samples_leaf=20, n_jobs=2, random_state=0),
)
began = time.process_time()
model.fit(train[columns], train["late"].astype(int))
seconds = time.process_time() - began
predicted = model.predict(test[columns])
accuracy = accuracy_score(test["late"].astype(int), predicted)
area = roc_auc_score(test["late"].astype(int), model.predict_proba(test[columns])[:, 1])

mlflow.set_tracking_uri(uri)
mlflow.set_experiment("flights")
with mlflow.start_run():
    mlflow.log_params(model[-1].get_params())
    mlflow.log_metrics({"accuracy": accuracy, "roc_auc": area})
    if accuracy > LIMIT:
        mlflow.sklearn.log_model(
            model,
            name="model",
            signature=infer_signature(test[columns], predicted),
            input_example=test[columns].head(5),
            registered_model_name="flights_late_at_pushback",
            skops_trusted_types=["numpy.dtype", "sklearn.tree._tree.Tree"],
        )
peak = next(line.split()[1] for line in Path("/proc/self/status").read_text().splitlines() if line.startswith("VmHWM:"))
Path(fit_file).write_text(f"{seconds} {int(peak) / 1024}")
