from __future__ import annotations

import stat
from pathlib import Path
from threading import Barrier, Thread

import pytest

from philae.pipeline.ports import LedgerUnavailable
from philae.store.secret_keys import GivenKeys, KeyFile, UnusableKey, new_key
from philae.store.secrets import SealedOtherwise, Vault

OLD, NEW = new_key(), new_key()


def test_what_is_sealed_shows_nothing_and_opens_again(tmp_path: Path) -> None:
    vault = Vault(KeyFile(tmp_path / "secret.key"))

    sealed = vault.seal("Gehéimnis")

    assert "heim" not in sealed
    assert vault.open(sealed) == "Gehéimnis"
    assert vault.seal("Gehéimnis") != sealed


def test_the_key_is_made_once_and_for_its_owner_only(tmp_path: Path) -> None:
    file = KeyFile(tmp_path / "new" / "secret.key")
    sealed = Vault(file).seal("text")

    assert stat.S_IMODE(file.path.stat().st_mode) == 0o600
    assert list(file.path.parent.iterdir()) == [file.path]
    assert Vault(KeyFile(file.path)).open(sealed) == "text"


def test_processes_that_start_at_once_agree_on_one_key(tmp_path: Path) -> None:
    together, found = Barrier(8), []

    def start() -> None:
        together.wait()
        found.append(tuple(KeyFile(tmp_path / "secret.key").read(make=True)))

    threads = [Thread(target=start) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(found) == 8
    assert len(set(found)) == 1


def test_a_lost_key_is_told_and_not_replaced_by_another(tmp_path: Path) -> None:
    file = KeyFile(tmp_path / "secret.key")
    sealed = Vault(file).seal("text")
    file.path.unlink()

    with pytest.raises(UnusableKey, match=r"secret\.key.*bring it back"):
        Vault(file).open(sealed)
    assert not file.path.exists()


def test_another_key_opens_nothing_and_the_place_of_the_key_is_named() -> None:
    sealed = Vault(GivenKeys(OLD)).seal("text")

    with pytest.raises(SealedOtherwise, match="PHILAE_SECRET_KEY") as refused:
        Vault(GivenKeys(NEW)).open(sealed)
    assert OLD not in str(refused.value)
    assert isinstance(refused.value, LedgerUnavailable)


def test_a_changed_text_does_not_open() -> None:
    vault = Vault(GivenKeys(OLD))
    sealed = vault.seal("text")

    with pytest.raises(SealedOtherwise):
        vault.open(sealed[:-6] + "AAAA==")


@pytest.mark.parametrize("separator", [",", "\n", " , "])
def test_the_first_of_several_keys_seals_and_all_open(separator: str) -> None:
    before = Vault(GivenKeys(OLD)).seal("text")
    vault = Vault(GivenKeys(f"{NEW}{separator}{OLD}"))

    assert vault.open(before) == "text"
    assert Vault(GivenKeys(NEW)).open(vault.reseal(before)) == "text"


def test_a_running_process_follows_a_rotation(tmp_path: Path) -> None:
    file = KeyFile(tmp_path / "secret.key")
    running = Vault(file)
    before = running.seal("text")

    file.bring_in_new()
    resealed = Vault(file).reseal(before)
    file.forget_old()

    assert running.open(resealed) == "text"
    assert Vault(GivenKeys(file.read(make=False)[0])).open(running.seal("more")) == "more"


def test_two_rotations_forget_the_first_key(tmp_path: Path) -> None:
    file = KeyFile(tmp_path / "secret.key")
    before = Vault(file).seal("text")
    for _ in range(2):
        file.bring_in_new()
        file.forget_old()

    assert len(file.read(make=False)) == 2
    with pytest.raises(SealedOtherwise):
        Vault(file).open(before)


@pytest.mark.parametrize("text", ["", "password", f"{OLD} short", OLD[:-1]], ids=["none", "word", "two", "cut"])
def test_what_is_no_key_is_refused_without_being_shown(text: str, tmp_path: Path) -> None:
    (tmp_path / "secret.key").write_text(text)

    for keys in (GivenKeys(text), KeyFile(tmp_path / "secret.key")):
        with pytest.raises(UnusableKey, match="philae keys new") as refused:
            Vault(keys).seal("text")
        assert not text or text not in str(refused.value)
