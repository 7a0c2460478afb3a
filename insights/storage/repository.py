"""All that the core keeps, behind one name: SQLite or PostgreSQL by URL."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from sqlalchemy import Connection

from insights.domain.access import NOBODY, Actor
from insights.storage.also import AlsoStore
from insights.storage.askers import AskerStore
from insights.storage.assessments import AssessmentStore
from insights.storage.audit import AuditStore
from insights.storage.backups import BackupStore
from insights.storage.batches import BatchStore
from insights.storage.calls import CallStore
from insights.storage.checking import CheckingStore
from insights.storage.corrections import Correcting, CorrectionStore
from insights.storage.credentials import CredentialStore
from insights.storage.customers import CustomerStore
from insights.storage.database import Database
from insights.storage.deciding import Deciding
from insights.storage.decisions import DecisionStore
from insights.storage.deliveries import DeliveryStore
from insights.storage.distilled import DistilledStore
from insights.storage.encryption import Cipher
from insights.storage.erasing import ErasingStore
from insights.storage.erasures import ErasureStore
from insights.storage.evidence import EvidenceStore
from insights.storage.feedback import FeedbackStore
from insights.storage.filings import FilingStore
from insights.storage.finished_work import FinishedWorkStore
from insights.storage.groupings import GroupingStore
from insights.storage.key_ring import OtherKeys, no_others
from insights.storage.lineage import LineageStore
from insights.storage.measures import MeasureStore
from insights.storage.mentions import MentionStore
from insights.storage.nights import NightStore
from insights.storage.paid_vectors import PaidVectorStore
from insights.storage.persons import PersonStore
from insights.storage.placements import PlacementStore
from insights.storage.problems import ProblemStore
from insights.storage.retaining import RetainingStore
from insights.storage.revisions import RevisionStore
from insights.storage.rotation import RotationStore
from insights.storage.rules import RuleStore
from insights.storage.runs import AnswerStore, RunStore, SourceStore
from insights.storage.sessions import SessionStore
from insights.storage.shipments import ShipmentStore
from insights.storage.sought import SoughtStore
from insights.storage.spaces import SpaceStore
from insights.storage.subscriptions import SubscriptionStore
from insights.storage.themes import ThemeStore


class Repository:
    """Load and save the nouns. Each store says what it keeps; `writing` joins several writes into one step."""

    def __init__(  # noqa: PLR0915 - one line a store
        self, url: str, *, key: bytes, actor: Actor = NOBODY, other_keys: OtherKeys = no_others
    ) -> None:
        """`other_keys` are asked where `key` is not, or no longer, the one that fits."""
        self.actor = actor
        """Who uses it; use cases ask what they may do."""
        self._database = Database(url, Cipher(key), other_keys=other_keys)
        self._database.prepare()
        self.feedback = FeedbackStore(self._database)
        self.mentions = MentionStore(self._database)
        self.evidence = EvidenceStore(self._database)
        self.sought = SoughtStore(self._database)
        self.customers = CustomerStore(self._database)
        self.subscriptions = SubscriptionStore(self._database)
        self.problems = ProblemStore(self._database)
        self.groupings = GroupingStore(self._database)
        self.placements = PlacementStore(self._database)
        self.also = AlsoStore(self._database)
        self.audit = AuditStore(self._database, lambda: self.actor)
        self.decisions = DecisionStore(self._database, self.audit)
        self.corrections = CorrectionStore(self._database)
        self.revisions = RevisionStore(self._database, self.decisions)
        self.shipments = ShipmentStore(self._database, self.decisions)
        self.rules = RuleStore(self._database)
        self.lineage = LineageStore(self._database)
        self.spaces = SpaceStore(self._database)
        self.themes = ThemeStore(self._database)
        self.runs = RunStore(self._database)
        self.answers = AnswerStore(self._database)
        self.calls = CallStore(self._database)
        self.batches = BatchStore(self._database)
        self.assessments = AssessmentStore(self._database)
        self.paid_vectors = PaidVectorStore(self._database)
        self.distilled = DistilledStore(self._database)
        self.finished_work = FinishedWorkStore(self._database)
        self.sources = SourceStore(self._database)
        self.sessions = SessionStore(self._database)
        self.rotation = RotationStore(self._database)
        self.credentials = CredentialStore(self._database)
        self.filings = FilingStore(self._database, self.audit)
        self.askers = AskerStore(self._database)
        self.nights = NightStore(self._database)
        self.deliveries = DeliveryStore(self._database)
        self.erasures = ErasureStore(self._database)
        self.erasing = ErasingStore(self._database)
        self.backups = BackupStore(self._database)
        self.checking = CheckingStore(self._database)
        self.retaining = RetainingStore(self._database)
        self.measures = MeasureStore(self._database)
        self.persons = PersonStore(self._database)

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """One transaction for the methods that take a connection."""
        with self._database.write() as connection:
            yield connection

    @contextmanager
    def deciding(self) -> Iterator[Deciding]:
        """Decisions in one transaction."""
        with self._database.write() as connection:
            yield Deciding(connection, self.decisions, self.shipments, self.revisions)

    @contextmanager
    def correcting(self, connection: Connection | None = None) -> Iterator[Correcting]:
        """Corrections of the grouping in one transaction: the caller's, or one of their own."""
        with self._database.write_in(connection) as own:
            yield Correcting(own, self._database.cipher, self.decisions, self.rules, self.lineage)

    def remove(self, source: str, source_ids: Sequence[str], *, connection: Connection) -> int:
        """What is gone at a source goes here, too, whatever noun it is; how many were removed. Part of the caller's
        transaction."""
        removed = self.feedback.remove(source, source_ids, connection=connection)
        return removed + self.customers.remove(source, source_ids, connection=connection)

    def source_ids(self, source: str) -> set[str]:
        """The ids, as the source names them, of all that `remove` would remove."""
        return self.feedback.source_ids(source) | self.customers.source_ids(source)

    def get_meta(self, key: str) -> str | None:
        return self._database.get_meta(key)

    def set_meta(self, key: str, value: str) -> None:
        self._database.set_meta(key, value)

    def close(self) -> None:
        self._database.close()
