"""The magics, in a real kernel."""

from __future__ import annotations

from pathlib import Path

import pytest

pytest.importorskip("nbclient", reason="nbclient is missing")
pytest.importorskip("ipykernel", reason="ipykernel is missing")

import nbformat
from nbclient import NotebookClient

ROOT = Path(__file__).resolve().parents[2]
# The kernel's messages travel over loopback TCP here; zmq and nbclient leave an event loop or socket to the collector.
pytestmark = [
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),
]

CELLS = (
    "%load_ext bi_chat",
    "%ask_data",
    "import polars as pl\nsales = pl.DataFrame({'region': ['North', 'South', 'North'], 'revenue': [10.0, 20.0, 30.0]})",
    "%ask_data sales",
    "%ask total revenue by region --into rows",
    "print(rows.height, rows.columns)",
    "%%ask --sql\ntotal revenue\nby region",
    "%ask total revenue by region --chart pie",
    "%ask total revenue --chart spaghetti",
    "%ask how many wibbly wobblies",
    "%ask_data no_such_thing",
    "sales = pl.DataFrame({'region': ['North'], 'revenue': [1.5]})",
    "%ask --data sales total revenue",
    "%ask what's the total revenue",
    "%ask_data teahouse",
    "%ask_data teahouse --policy datasets/teahouse/policy.yaml",
    "%ask_data teahouse --policy datasets/teahouse/policy.yaml --as ada",
    "%ask revenue in 2024",
    "%ask --today 2025-10-18 stock on hand",
    "%ask revenue in 2023",
    "%ask_data teahouse --today 2025-10-18",
    "costs = pl.DataFrame({'region': ['North'], 'cost': [4.0]})\nfrom pathlib import Path\n"
    "import tempfile\nfile = Path(tempfile.mkdtemp(), 'visits.csv')\n"
    "_ = file.write_text('day,visitors\\n2025-01-02,7\\n')\n"
    "get_ipython().run_line_magic('ask_data', f'costs {file}')",
    "%ask total visitors",
    "%ask total cost",
    "%ask_data teahouse --today 2025-10-18  ",
    "places = ['Germany', 'Austria']\nplace = 'Germany --into stolen'\nodd = object()",
    "%ask revenue by country in {places}",
    "%ask revenue in {place}",
    "%ask revenue in {odd}",
    "%ask revenue in {nowhere}",
    "%ask revenue in {__import__('os').getpid()}",
    "%ask --plan revenue by country",
    "%ask --explain revenue by country",
    "print('stolen' in dir())",
    "%ask how many reviews are there?",
    "%ask?",
)
SAVED: list[Path] = []
SLOW = """
import polars as pl, random
random.seed(1)
sales = pl.DataFrame([
    {"month": f"20{16 + m // 12}-{m % 12 + 1:02}-01", "shop": f"s{s}", "amount": 50 + m + 9 * random.random()}
    for s in range(480) for m in range(96)
]).with_columns(pl.col("month").str.to_date())
"""


@pytest.fixture(scope="module")
def ran(tmp_path_factory):
    book = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(c) for c in CELLS])
    SAVED.append(tmp_path_factory.mktemp("saved"))
    book.cells += [nbformat.v4.new_code_cell(f"%ask_save {SAVED[0] / name}") for name in ("talk.txt", "talk.ipynb")]
    NotebookClient(book, timeout=60, resources={"metadata": {"path": str(ROOT)}}).execute()
    return {c.source: c.outputs for c in book.cells}


def text(outputs) -> str:
    return "\n".join(str(o.get("text") or o.get("data", {}).get("text/plain", "")) for o in outputs)


def test_nothing_connected_names_what_there_is(ran):
    assert "Nothing is connected" in text(ran["%ask_data"])


def test_a_frame_is_connected_by_its_name(ran):
    assert "3 rows" in text(ran["%ask_data sales"])


def test_rows_go_into_a_variable(ran):
    assert text(ran["print(rows.height, rows.columns)"]).startswith("2 ['region'")


def test_an_answer_shows_richly_and_plainly(ran):
    (shown,) = [o for o in ran["%ask total revenue by region --into rows"] if o.output_type == "execute_result"]
    assert "North" in shown.data["text/plain"] and "bi-card" in shown.data["text/html"]


def test_the_chart_library_comes_once(ran):
    sizes = [len(o.data["text/html"]) for outs in ran.values() for o in outs if "text/html" in o.get("data", {})]
    assert sum(size > 1_000_000 for size in sizes) == 1


def test_lines_of_a_cell_are_a_conversation_with_sql(ran):
    shown = text(ran["%%ask --sql\ntotal revenue\nby region"])
    assert "60" in shown and "North" in shown


def test_another_chart_of_the_same_rows(ran):
    (shown,) = [o for o in ran["%ask total revenue by region --chart pie"] if o.output_type == "execute_result"]
    assert '"type":"pie"' in shown.data["text/html"].replace(" ", "")


@pytest.mark.parametrize(
    ("cell", "says"),
    [
        ("%ask total revenue --chart spaghetti", "stacked_bar"),
        ("%ask how many wibbly wobblies", "wibbl"),
        ("%ask_data no_such_thing", "Frames in this notebook: sales"),
    ],
)
def test_faults_are_guidance(ran, cell, says):
    assert says in text(ran[cell])
    assert all(o.output_type != "error" for o in ran[cell])


def test_a_changed_frame_is_read_again(ran):
    assert "1.5" in text(ran["%ask --data sales total revenue"])


def test_an_apostrophe_is_a_letter(ran):
    assert "1.5" in text(ran["%ask what's the total revenue"])


def test_under_a_policy_a_notebook_shows_what_its_user_may_see(ran):
    policy = "%ask_data teahouse --policy datasets/teahouse/policy.yaml"
    assert "--as NAME" in text(ran[policy])
    offered = text(ran[f"{policy} --as ada"])
    assert "Stock" in offered and "Orders" not in offered
    assert "Stock on hand" in text(ran["%ask --today 2025-10-18 stock on hand"])
    assert all("€" not in text(ran[q]) for q in ("%ask revenue in 2024", "%ask revenue in 2023"))


def test_a_variable_stands_for_its_value(ran):
    said = text(ran["%ask revenue by country in {places}"])
    assert "Germany" in said and "Austria" in said and "France" not in said


def test_what_a_variable_holds_is_no_option_and_no_code(ran):
    assert "False" in text(ran["print('stolen' in dir())"])
    said = text(ran["%ask revenue in {__import__('os').getpid()}"])
    assert "getpid" in said


@pytest.mark.parametrize(("cell", "says"), [("%ask revenue in {odd}", "list"), ("%ask revenue in {nowhere}", "places")])
def test_what_can_not_be_said_is_told(ran, cell, says):
    assert says in text(ran[cell])
    assert "Traceback" not in text(ran[cell])


def test_the_plan_and_how_it_was_read_are_shown_when_asked_for(ran):
    shown = [o["data"] for o in ran["%ask --plan revenue by country"]]
    assert any('"is": "Plan"' in d.get("text/markdown", "") for d in shown)
    explained = text(ran["%ask --explain revenue by country"])
    assert "ms" in explained and "How I read this" in explained


def test_a_conversation_is_saved_as_a_notebook_that_runs(ran):
    said = {Path(c.split()[-1]).name: text(o) for c, o in ran.items() if c.startswith("%ask_save")}
    assert ".html" in said["talk.txt"]
    assert "answers are in" in said["talk.ipynb"]
    book = nbformat.read(SAVED[0] / "talk.ipynb", as_version=4)
    nbformat.validate(book)
    assert "%ask_data teahouse" in [c.source for c in book.cells]
    assert any("revenue by country" in c.source for c in book.cells)


@pytest.fixture(scope="module")
def kernel():
    """A kernel to talk to: what it replies, shows and completes."""
    from jupyter_client.manager import start_new_kernel

    manager, client = start_new_kernel(kernel_name="python3", cwd=str(ROOT))
    client.manager = manager
    for cell in ("%load_ext bi_chat", "%ask_data teahouse"):
        client.execute_interactive(cell, timeout=60, output_hook=lambda _: None)
    yield client
    client.stop_channels()
    manager.shutdown_kernel(now=True)


def completed(client, line: str) -> list[str]:
    reply = client.complete(line, reply=True, timeout=30)
    return reply["content"]["matches"]


@pytest.mark.parametrize(
    ("line", "offered"),
    [
        ("%ask average or", "order value"),
        ("%ask revenue by cou", "country"),
        ("%ask revenue in Ger", "Germany"),
        ("%ask --ch", "--chart"),
        ("%ask --chart hi", "histogram"),
        ("%ask_data tea", "teahouse"),
    ],
)
def test_names_values_and_options_complete_with_tab(kernel, line, offered):
    found = completed(kernel, line)
    assert any(offered.lower() == m.lower() for m in found), found[:10]


def test_a_long_question_says_what_it_does_and_stops_when_interrupted(kernel):
    """It is interrupted as soon as it says how, however fast the machine is."""
    shown: list[str] = []

    def hear(message) -> None:
        said = str(message["content"].get("data", {}).get("text/plain", ""))
        if "Interrupt the kernel" in said and not any("Interrupt the kernel" in s for s in shown):
            kernel.manager.interrupt_kernel()
        shown.append(said)

    for cell in (SLOW, "%ask_data sales"):
        kernel.execute_interactive(cell, timeout=60, output_hook=lambda _: None)
    kernel.execute_interactive("%ask forecast amount by shop for the next 12 months", timeout=60, output_hook=hear)
    assert any("Interrupt the kernel" in s for s in shown)
    assert any("Stopped" in s for s in shown)
    kernel.execute_interactive("%ask how many shops are there", timeout=60, output_hook=hear)
    assert any("480" in s for s in shown[-2:])


def test_frames_and_files_are_connected_together(ran):
    assert "7" in text(ran["%ask total visitors"])
    assert "4" in text(ran["%ask total cost"])


def test_a_question_mark_calls_no_help(ran):
    """IPython would look for an object called "there"."""
    assert "4,557" in text(ran["%ask how many reviews are there?"])
    assert "Object" not in text(ran["%ask?"])  # the pager shows it, which is no output of the cell
