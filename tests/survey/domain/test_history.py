"""Every order of arrival, with any repetition, ends in the same state."""

from hypothesis import given
from hypothesis import strategies as st

from assent_survey.domain.coding import Coded
from assent_survey.domain.history import Account, differs, follow


def account(said: str = "a", *, revision: float | None = None, arrival: int = 0, finished: bool = True) -> Account:
    partial = Coded(answers={"q": said}, missing={"late": "break_off"})
    coded = partial.finished() if finished else partial
    return Account("p", said, 1, f"dlv_{arrival:04d}", revision, finished, finished, False, coded)


def settle(accounts: list[Account]) -> Account:
    kept: Account | None = None
    for arrived in accounts:
        _, kept = follow(kept, arrived)
    assert kept is not None
    return kept


versioned = st.lists(
    st.builds(account, st.sampled_from("abc"), revision=st.sampled_from([1.0, 2.0, 3.0]), finished=st.booleans()),
    min_size=1,
    max_size=6,
)
arriving = st.lists(st.tuples(st.sampled_from("abc"), st.booleans()), min_size=1, max_size=6).map(
    lambda pairs: [account(said, arrival=number, finished=finished) for number, (said, finished) in enumerate(pairs)]
)


@given(data=st.data(), accounts=versioned | arriving)
def test_order_and_repetition_do_not_matter(data: st.DataObject, accounts: list[Account]) -> None:
    shuffled = data.draw(st.permutations(accounts + data.draw(st.lists(st.sampled_from(accounts), max_size=4))))
    straight, crooked = settle(accounts), settle(shuffled)
    assert (crooked.said, crooked.complete, crooked.revision) == (straight.said, straight.complete, straight.revision)
    assert not differs(straight, crooked)


@given(accounts=versioned)
def test_the_newest_content_stands_and_finished_stays(accounts: list[Account]) -> None:
    kept = settle(accounts)
    newest = max(each.revision for each in accounts if each.revision is not None)
    assert kept.said in {each.said for each in accounts if each.revision == newest}
    assert kept.complete == any(each.finished for each in accounts)


@given(accounts=arriving)
def test_without_versions_the_last_finished_one_stands(accounts: list[Account]) -> None:
    kept = settle(accounts)
    candidates = [each for each in accounts if each.finished] or accounts
    assert kept.said == candidates[-1].said


def test_verdicts() -> None:
    first = account("a", revision=1)
    assert follow(None, first)[0] == "first"
    assert follow(first, account("a", revision=2))[0] == "same"
    assert follow(first, account("b", revision=2))[0] == "newer"
    assert follow(first, account("b", revision=0))[0] == "older"


def test_the_same_answers_coded_anew_are_news() -> None:
    kept = account("a", revision=1)
    recoded = Account(**{**{name: getattr(kept, name) for name in kept.__slots__}, "coded": Coded(answers={"q": "A"})})
    verdict, stands = follow(kept, recoded)
    assert verdict == "same"
    assert differs(kept, stands)
    assert stands.coded.answers == {"q": "A"}


def test_an_older_finish_finishes_without_its_content() -> None:
    verdict, stands = follow(account("b", revision=2, finished=False), account("a", revision=1))
    assert (verdict, stands.said, stands.complete, stands.coded.missing) == ("older", "b", True, {"late": "not_asked"})
