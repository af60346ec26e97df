"""Rule ids, clauses and levels are promised to scripts and to findings already stored."""

from models import FindingAnswer, FindingLevel
from services.screening.catalogue import FILLED_IN, LOOKED_AT, RULES, possible_answers, rule
from services.screening.lists import shipped_confusions, shipped_terms
from services.screening.marks import GRAVITY

PROMISED = {
    "pi.id_card": ("4.2", "block warn"),
    "pi.bank_card": ("4.2", "block warn"),
    "pi.mobile": ("4.2", "warn"),
    "pi.landline": ("4.2", "info"),
    "pi.email": ("4.2", "warn info"),
    "pi.qq": ("4.2", "warn"),
    "pi.wechat_id": ("4.2", "warn info"),
    "pi.passport": ("4.2", "block warn"),
    "pi.plate": ("4.2", "warn"),
    "pi.student_no": ("4.2", "block warn"),
    "pi.address": ("4.2", "warn"),
    "pi.minor_list": ("4.2", "warn"),
    "pi.circumstances": ("4.2", "warn info"),
    "term.profanity": ("3.2", "block warn info"),
    "term.disability": ("3.2", "warn info"),
    "term.pupils": ("3.2", "warn info"),
    "term.ethnic": ("3.2", "warn info"),
    "term.territory": ("3.2", "warn info"),
    "term.slogan": ("3.2", "warn info"),
    "term.justice": ("3.2", "warn info"),
    "term.secrecy": ("4.1", "block warn info"),
    "term.admissions": ("3.2", "block warn info"),
    "term.superlative": ("3.2", "warn info"),
    "term.medical": ("3.2", "warn info"),
    "term.fraud": ("3.2", "block warn info"),
    "term.celebrity": ("3.2", "info"),
    "term.ceremony": ("3.2", "info"),
    "wording.confusion": ("3.2", "warn info"),
    "wording.weekday": ("3.2", "warn"),
    "wording.date": ("3.2", "warn"),
    "wording.punctuation": ("3.2", "warn info"),
    "wording.doubled": ("3.2", "warn info"),
    "wording.placeholder": ("3.2", "warn info"),
    "wording.figures": ("3.2", "warn info"),
    "wording.name": ("3.2", "warn"),
    "leader.roster": ("3.2", "warn"),
    "leader.post": ("3.2", "warn"),
    "image.qr": ("3.2", "warn info"),
    "image.size": ("3.1", "info"),
    "image.reused": ("3.2", "warn"),
    "image.unread": ("4.2", "info"),
    "image.consent": ("4.2", "block warn"),
    "link.outside": ("4.3", "block warn"),
    "duplicate.same": ("3.2", "warn"),
    "duplicate.similar": ("3.2", "info"),
    "attachment.scan": ("4.2", "warn"),
    "attachment.unread": ("4.2", "block"),
    "length.title": ("3.2", "block info"),
    "length.digest": ("3.1", "block"),
    "length.body": ("3.1", "block warn"),
    "length.author": ("3.1", "block warn"),
    "length.source": ("3.1", "warn"),
    "length.credits": ("3.2", "info"),
}


def test_every_rule_has_its_promised_clause_and_levels() -> None:
    stated = {
        name: (
            entry.clause,
            " ".join(level.value for level in sorted(entry.levels, key=lambda level: -GRAVITY[level])),
        )
        for name, entry in RULES.items()
    }
    assert stated == PROMISED


def test_every_shipped_entry_keeps_to_the_levels_of_its_rule() -> None:
    strayed = [
        term.text for term in (*shipped_terms(), *shipped_confusions()) if term.level not in rule(term.rule_id).levels
    ]
    assert strayed == []


def test_a_group_the_office_made_falls_under_the_review_standard() -> None:
    assert rule("term.school_name").clause == "3.2"


def test_only_what_may_stand_in_one_item_after_another_can_be_exempted() -> None:
    bound_to_one_item = {
        "pi.minor_list",
        "pi.circumstances",
        "wording.weekday", "wording.date", "wording.punctuation", "wording.placeholder", "wording.figures",
        "leader.post",
        "image.qr", "image.size", "image.reused", "image.unread", "image.consent",
        "link.outside", "duplicate.same", "duplicate.similar",
        "attachment.scan", "attachment.unread",
        "length.title", "length.digest", "length.body", "length.author", "length.source", "length.credits",
    }  # fmt: skip

    assert {name for name, entry in RULES.items() if not entry.is_exemptable} == bound_to_one_item
    assert rule("term.school_name").is_exemptable


def test_what_is_missing_is_filled_in_and_what_nobody_could_read_is_looked_at() -> None:
    both = (FindingAnswer.CONFIRMED, FindingAnswer.FALSE_ALARM)
    otherwise = {
        ("length.title", FindingLevel.BLOCK): (),
        ("length.digest", FindingLevel.BLOCK): (),
        ("length.body", FindingLevel.BLOCK): (),
        ("length.author", FindingLevel.BLOCK): (),
        ("length.author", FindingLevel.WARN): (),
        ("attachment.unread", FindingLevel.BLOCK): (),
        ("attachment.scan", FindingLevel.WARN): (FindingAnswer.CONFIRMED,),
        ("image.unread", FindingLevel.INFO): (FindingAnswer.CONFIRMED,),
        ("length.credits", FindingLevel.INFO): (FindingAnswer.CONFIRMED,),
    }
    every = {(rule_id, level) for rule_id, each in RULES.items() for level in each.levels}

    assert {each: possible_answers(*each) for each in every} == dict.fromkeys(every, both) | otherwise
    assert every >= FILLED_IN
    assert set(RULES) >= LOOKED_AT
