"""Stripe's payments, refunds and customers in the names of the normal form."""

import pytest

from tests.normal_forms import form_of, read, type_of

MIRA = {
    "id": "cus_R5tYuI8oP1aSdF",
    "name": "Mira Sol",
    "email": "mira.sol@harbour.example",
    "country": "DE",
}


@pytest.mark.parametrize(
    ("file", "type", "identity"),
    [
        ("stripe-checkout-paid.json", "order.paid", "evt_1Qx7pLKd82vTb0aSmN4bV5cX"),
        ("stripe-invoice-paid.json", "order.paid", "evt_1Qx9cDKd82vTb0aS8pLkJ7hG"),
        ("stripe-charge-refunded.json", "order.refunded", "evt_3Qx8aBKd82vTb0aS1rTyU6iO"),
        ("stripe-customer-updated.json", "contact.updated", "evt_1QxAeFKd82vTb0aS0zXcV9bN"),
    ],
)
def test_samples_have_their_type_and_stripes_own_id(file: str, type: str, identity: str) -> None:
    event = read(file)

    assert (event.type, event.identity) == (type, identity)


def test_a_paid_checkout_is_read_whole() -> None:
    assert read("stripe-checkout-paid.json").form == {
        "order": {
            "id": "pi_3Qx7mKd82vTb0aSd1fGh",
            "number": "cs_live_a1mQ7xV2bT9cZ4nK",
            "status": "paid",
            "amount": 49.9,
            "currency": "EUR",
            "email": "mira.sol@harbour.example",
            "products": ["Safety Basics"],
            "product": "Safety Basics",
            "customer_id": "cus_R5tYuI8oP1aSdF",
            "created_at": "2026-04-15T09:57:00Z",
            "custom": {"course_id": "101", "product": "Safety Basics"},
        },
        "contact": MIRA,
    }


def test_a_paid_invoice_in_yen_has_its_lines() -> None:
    assert read("stripe-invoice-paid.json").form == {
        "order": {
            "id": "in_1Qx9cCKd82vTb0aSvBnM3qWe",
            "number": "L-2026-0042",
            "status": "paid",
            "amount": 98000,
            "currency": "JPY",
            "email": "buchhaltung@lakeside.example",
            "products": ["First Aid"],
            "product": "First Aid",
            "items": [
                {"id": "prod_Sx1YzA2bC3dE4f", "name": "First Aid", "quantity": 2, "price": 49000}
            ],
            "customer_id": "cus_T7uIoP0aSdFgHj",
            "created_at": "2026-04-15T08:00:00Z",
            "paid_at": "2026-04-15T09:59:59Z",
            "custom": {"seats": "2"},
        },
        "contact": {
            "id": "cus_T7uIoP0aSdFgHj",
            "name": "Lakeside Clinic",
            "email": "buchhaltung@lakeside.example",
        },
    }


def test_the_last_refund_of_a_charge_gives_back_the_rest() -> None:
    assert read("stripe-charge-refunded.json").form == {
        "order": {
            "id": "pi_3Qx7mKd82vTb0aSd1fGh",
            "number": "ch_3Qx7mKd82vTb0aSd1zXc",
            "status": "succeeded",
            "amount": 49.9,
            "currency": "EUR",
            "email": "mira.sol@harbour.example",
            "products": ["Safety Basics"],
            "product": "Safety Basics",
            "customer_id": "cus_R5tYuI8oP1aSdF",
            "created_at": "2026-04-15T09:59:50Z",
            "custom": {"course_id": "101", "product": "Safety Basics"},
        },
        "contact": MIRA,
        "refund": {
            "order_id": "pi_3Qx7mKd82vTb0aSd1fGh",
            "amount": 29.9,
            "currency": "EUR",
            "full": True,
        },
    }


def test_a_payment_and_its_refund_have_the_same_order() -> None:
    paid, refunded = (
        read(f"stripe-{what}.json").form for what in ("checkout-paid", "charge-refunded")
    )

    assert paid["order"]["id"] == refunded["order"]["id"] == refunded["refund"]["order_id"]  # type: ignore[index]


def test_a_changed_customer_says_what_was_before() -> None:
    assert read("stripe-customer-updated.json").form == {
        "contact": {
            **MIRA,
            "language": "de",
            "custom": {"learner_id": "318"},
        },
        "changed": ["contact.email", "contact.custom.learner_id"],
        "previous": {"contact": {"email": "mira@harbour.example"}},
    }


@pytest.mark.parametrize(
    ("status", "type"),
    [("paid", "order.paid"), ("no_payment_required", "order.paid"), ("unpaid", "order.created")],
)
def test_a_completed_session_whose_money_is_still_to_come_is_not_paid(
    status: str, type: str
) -> None:
    body = {
        "type": "checkout.session.completed",
        "data": {"object": {"object": "checkout.session", "payment_status": status}},
    }

    assert type_of("stripe", body) == type


@pytest.mark.parametrize(
    ("name", "type"),
    [
        ("checkout.session.async_payment_succeeded", "order.paid"),
        ("checkout.session.async_payment_failed", "order.payment_failed"),
        ("customer.created", "contact.created"),
        ("customer.subscription.deleted", "customer.subscription.deleted"),
        ("payment_intent.succeeded", "payment_intent.succeeded"),
        ("v2.core.account.updated", "v2.core.account.updated"),
    ],
)
def test_types_are_ours_where_we_have_a_word_and_else_stripes(name: str, type: str) -> None:
    assert type_of("stripe", {"type": name}) == type


@pytest.mark.parametrize(
    ("total", "before", "amount", "full"),
    [(2000, 0, 20, False), (2000, None, 20, False), (4990, 2000, 29.9, True)],
)
def test_a_refund_is_what_its_event_gave_back(
    total: int, before: int | None, amount: float, full: bool
) -> None:
    charge = {
        "object": "charge",
        "id": "ch",
        "currency": "eur",
        "amount": 4990,
        "amount_refunded": total,
        "refunded": full,
    }
    previous = {} if before is None else {"amount_refunded": before}

    form = form_of(
        "stripe",
        {"type": "charge.refunded", "data": {"object": charge, "previous_attributes": previous}},
    )

    assert form["refund"] == {"order_id": "ch", "amount": amount, "currency": "EUR", "full": full}


def test_a_refund_object_is_a_refund_of_the_payment() -> None:
    refund = {
        "object": "refund",
        "id": "re",
        "amount": 500,
        "currency": "jpy",
        "payment_intent": "pi",
        "charge": "ch",
        "reason": "duplicate",
        "created": 1776326400,
    }

    assert form_of("stripe", {"type": "refund.created", "data": {"object": refund}}) == {
        "refund": {
            "id": "re",
            "order_id": "pi",
            "amount": 500,
            "currency": "JPY",
            "reason": "duplicate",
            "refunded_at": "2026-04-16T08:00:00Z",
        }
    }


@pytest.mark.parametrize(
    ("thing", "product"),
    [
        ({"metadata": {"product": "A"}, "description": "B"}, "A"),
        ({"description": "B"}, "B"),
        ({"description": "B", "line_items": {"data": [{"description": "C"}]}}, "C"),
        ({"metadata": {"product": ""}}, None),
        ({}, None),
    ],
    ids=str,
)
def test_the_product_is_metadata_then_the_first_line_then_the_description(
    thing: dict[str, object], product: str | None
) -> None:
    order = form_of("stripe", {"data": {"object": {"object": "charge", "id": "ch", **thing}}})[
        "order"
    ]

    assert order.get("product") == product  # type: ignore[attr-defined]
    assert order.get("products") == ([product] if product else None)  # type: ignore[attr-defined]


def test_metadata_of_a_subscription_stands_beside_that_of_its_invoice() -> None:
    invoice = {
        "object": "invoice",
        "id": "in",
        "metadata": {"a": "1"},
        "parent": {"subscription_details": {"metadata": {"a": "0", "b": "2"}}},
    }

    assert form_of("stripe", {"data": {"object": invoice}})["order"] == {
        "id": "in",
        "number": "in",
        "custom": {"a": "1", "b": "2"},
    }


def test_other_objects_stand_under_body() -> None:
    body = {"type": "payout.paid", "data": {"object": {"object": "payout", "amount": 5}}}

    assert form_of("stripe", body) == {"body": body}
