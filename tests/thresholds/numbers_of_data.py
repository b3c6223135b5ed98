"""Every number of data/ that is a threshold: where it stands, and copies of data/ in which one of them is another."""
import csv
import io
import json
import os
import pathlib
import shutil

# Not thresholds: examples in formulas, what the model of a later issue reads, what is only told.
TOLD = {"example", "half_life_h", "molecular_weight_kda", "storage_after_dilution", "label_rounds_to", "wait_minutes_of_protocol", "hb_mmol_l_breaks"}
# Fields of the events of an infusion, which no question reads yet.
OF_INFUSE = {"systolic_mmhg", "diastolic_mmhg", "heart_rate_per_min", "spo2_pct", "respiratory_rate_per_min", "temperature_c", "rate_ml_per_h", "given_ml"}
# Files of the model, with the columns whose numbers bear on an answer; a bound of a parameter only says what calibration may try.
MODEL = {"parameters.csv": ("value",), "formulations.csv": ("value",), "numbers.csv": ("value",), "variability.csv": ("omega", "cv_pct"),
         "populations.csv": ("median", "sd", "low", "high"), "correlations.csv": ("correlation",), "closure.csv": ("center", "sd"),
         "covariates.csv": ("factor",), "labs.csv": ("log_sd_pct", "additive_sd", "lloq")}
MODEL_KEYS = ("formulation", "indication", "variable", "quantity", "population", "symbol", "observable", "eta", "one", "two", "id")
BOUNDS = ("lt", "le", "gt", "ge", "eq", "within_days")
EDGES = ("hb_g_dl_min", "hb_g_dl_max_excl", "weight_kg_min", "weight_kg_max_excl")
RANGES = ("hard_low", "hard_high", "warn_low", "warn_high")


class Number:
    """One number: `keys` lead to it inside its file, `name` says the same with ids instead of places in lists."""

    def __init__(self, file, keys, name, value):
        self.file, self.keys, self.name, self.value = file, keys, name, value

    def __str__(self):
        return f"{self.file}:{self.name}"


def label(item, index):
    """What stands in the path for one item of a list."""
    if isinstance(item, dict):
        for key in ("id", "name", "route"):
            if isinstance(item.get(key), str):
                return item[key]
    return str(index)


def walk(part, keys=(), names=()):
    if isinstance(part, dict):
        for key, value in part.items():
            if key not in TOLD:
                yield from walk(value, keys + (key,), names + (key,))
    elif isinstance(part, list):
        labels = [label(item, i) for i, item in enumerate(part)]
        for i, item in enumerate(part):
            name = labels[i] if labels.count(labels[i]) == 1 else f"{labels[i]}.{i}"
            yield from walk(item, keys + (i,), names + (name,))
    elif isinstance(part, (int, float)) and not isinstance(part, bool):
        yield keys, "/".join(names), part


def rows_of(path):
    with open(path, encoding="utf-8", newline="") as f:
        return list(csv.DictReader(f))


class Folder:
    """data/ as it is, and copies of it in `scratch` with one number changed."""

    def __init__(self, data, scratch):
        self.data, self.scratch = pathlib.Path(data), pathlib.Path(scratch)
        self.json = {n: json.loads((self.data / n).read_text()) for n in ("products.json", "rules.json", "practice.json")}
        self.csv = {n: rows_of(self.data / n) for n in ("vocabulary.csv", "units.csv", *("model/" + m for m in MODEL))}
        self.products = {p["id"]: p for p in self.json["products.json"]["products"]}
        self.changed = None
        shutil.copytree(self.data, self.scratch, dirs_exist_ok=True)

    def numbers(self):
        products = self.json["products.json"]
        for part in ("weight_bases", "need_methods", "products"):
            for keys, name, value in walk(products[part], (part,), (part,)):
                yield Number("products.json", keys, name, value)
        for keys, name, value in walk(self.json["rules.json"]):
            if keys[-1] in BOUNDS or keys[-1] in ("days", "from_day", "to_day", "not_before_days", "best_days"):
                yield Number("rules.json", keys, name, value)
        for keys, name, value in walk(self.json["practice.json"]["rows"], ("rows",), ("rows",)):
            yield Number("practice.json", keys, name, value)
        for i, row in enumerate(self.csv["vocabulary.csv"]):
            for column in RANGES:
                if row[column] and row["id"] not in OF_INFUSE:
                    yield Number("vocabulary.csv", (i, column), f"{row['kind']}/{row['id']}/{column}", float(row[column]))
        own = {(t["id"], t["unit"]) for t in self.csv["vocabulary.csv"]}  # factor 1 by definition, held by the check of data/
        for i, row in enumerate(self.csv["units.csv"]):
            for column in ("factor", "offset") if float(row["offset"]) else ("factor",):
                if (row["id"], row["unit"]) in own or row["id"] in OF_INFUSE:
                    continue
                yield Number("units.csv", (i, column), f"{row['id']}/{row['unit']}/{column}", float(row[column]))

        yield from self.numbers_of_model()

    def numbers_of_model(self):
        for file, columns in MODEL.items():
            for i, row in enumerate(self.csv["model/" + file]):
                words = [row[k] for k in MODEL_KEYS if row.get(k)] or [row["name"]]
                for column in columns:
                    if row[column]:
                        yield Number("model/" + file, (i, column), "/".join([*words, column]), float(row[column]))

    def parts(self, number):
        """The objects from the root of the file down to the number."""
        part, found = self.json[number.file], []
        for key in number.keys[:-1]:
            found.append(part)
            part = part[key]
        return found + [part]

    def tied(self, number, value):
        """Other numbers that the check of data/ holds to this one, with what they must be: (owner, key, value)."""
        parts, key = self.parts(number), number.keys[-1]
        if number.file != "products.json" or number.keys[0] not in ("products", "need_methods"):
            return
        if number.keys[0] == "need_methods":
            example = parts[2]["example"]
            for k in ("weight_kg", "hb_g_dl"):
                if "table_by_weight" in number.keys and example.get(k) == number.value and (k == key or "hb_g_dl" in number.keys):
                    yield example, k, value
            for row in parts[2].get("table", []):
                for k in EDGES:
                    if key in EDGES and k[:3] == key[:3] and row.get(k) == number.value and row is not parts[-1]:
                        yield row, k, value
        elif key == "concentration_mg_per_ml":
            for vial in parts[-1]["vials"]:
                yield vial, "ml", vial["mg"] / value
        elif "vials" in number.keys:
            ml = parts[2]["concentration_mg_per_ml"]
            yield parts[-1], "ml" if key == "mg" else "mg", value / ml if key == "mg" else value * ml

    def change(self, number, value, example_mg=None):
        """Writes a copy with this number changed; the one before is as it was again. A worked example is then what its formula gives."""
        if self.changed and self.changed != number.file:
            shutil.copyfile(self.data / self.changed, self.scratch / self.changed)
        self.changed = number.file
        if number.file.endswith(".csv"):
            rows, (i, column) = self.csv[number.file], number.keys
            was = [dict(row) for row in rows]
            for row in rows if (number.file, column) == ("model/closure.csv", "sd") else [rows[i]]:
                if row.get("quantity") == rows[i].get("quantity"):  # one spread for all populations
                    row[column] = format(value, ".15g")
                if "how" in row and "low" in row:  # what calibration may try goes along
                    row["low"], row["high"] = str(min(value, float(row["low"]))), str(max(value, float(row["high"])))
            text = io.StringIO()
            writer = csv.DictWriter(text, rows[0].keys(), lineterminator="\n")
            writer.writeheader()
            writer.writerows(rows)
            self.csv[number.file] = was
            text = text.getvalue()
        else:
            owner, key = self.parts(number)[-1], number.keys[-1]
            changes = [(owner, key, value)] + list(self.tied(number, value))
            if example_mg is not None:
                changes.append((self.parts(number)[2]["example"], "need_mg", example_mg))
            before = [(o, k, o[k]) for o, k, _ in changes]
            for o, k, v in changes:
                o[k] = v
            text = json.dumps(self.json[number.file])
            for o, k, v in before:
                o[k] = v
        target = self.scratch / number.file
        os.unlink(target)
        target.write_text(text, encoding="utf-8")
