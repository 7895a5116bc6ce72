"""In: answers, conversations, a model as values. Out: the JSON text of a reply."""

from __future__ import annotations

import json

from bi_chat.conversation.answer import Answer
from bi_chat.semantics.model import Field, SemanticModel
from bi_chat.values.issue import Suggestion
from bi_chat.values.record import Conversation


def of_answer(answer: Answer, conversation: str) -> str:
    """The answer's own JSON, beside the conversation in which a follow-up can be asked ('' where none is kept)."""
    return f'{{"conversation": {json.dumps(conversation)}, "answer": {answer.to_json()}}}'


def of_conversations(found: tuple[Conversation, ...]) -> str:
    """A list, the latest first."""
    return _text({"conversations": [_conversation(c) for c in found]})


def of_turns(found: Conversation, turns: tuple[Answer, ...]) -> str:
    """A conversation with what was asked and said; no rows are kept."""
    said = [
        {
            "question": t.value.question.text,
            "asked_at": t.value.question.asked_at.isoformat(),
            "status": t.status,
            "text": t.text,
            "sql": t.sql,
            "warnings": list(t.value.warnings),
        }
        for t in turns
    ]
    return _text({**_conversation(found), "turns": said})


def of_model(model: SemanticModel, starters: tuple[Suggestion, ...]) -> str:
    """What may be asked: names and meanings, as the caller sees them."""
    datasets = [
        {
            "name": d.name,
            "label": d.label,
            "description": d.description,
            "rows": d.rows,
            "fields": [_field(f) for f in d.fields],
        }
        for d in model.datasets
    ]
    metrics = [{"name": m.name, "label": m.label, "description": m.description, "unit": m.unit} for m in model.metrics]
    return _text({"datasets": datasets, "metrics": metrics, "questions": [s.text for s in starters]})


def _field(field: Field) -> dict[str, object]:
    return {"name": field.name, "label": field.label, "kind": field.kind, "description": field.description}


def _conversation(found: Conversation) -> dict[str, object]:
    begun, changed = found.begun_at.isoformat(), found.changed_at.isoformat()
    return {"id": found.id, "title": found.title, "begun_at": begun, "changed_at": changed}


def _text(data: dict[str, object]) -> str:
    return json.dumps(data, ensure_ascii=False)
