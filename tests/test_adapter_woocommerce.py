"""WooCommerce's orders and customers in the names of the normal form."""

import pytest

from tests.normal_forms import becomes, form_of, identity_of, read, remembered, type_of


def test_two_orders_of_one_second_are_two_events() -> None:
    # WooCommerce makes the delivery's id of the webhook and the second
    headers = {"X-WC-Webhook-Delivery-ID": "3f9a1c7e", "X-WC-Webhook-Topic": "order.updated"}

    first, again, other = (
        identity_of("woocommerce", {"id": number, "status": "completed"}, headers)
        for number in (1, 1, 2)
    )

    assert first == again != other


@pytest.mark.parametrize(
    ("file", "type", "identity", "at"),
    [
        (
            "woocommerce-order-completed.http",
            "order.updated",
            "3f9a1c7e5b2d4860a1c3e5f7b9d0f2a4",
            "2026-04-15T10:00:09+00:00",
        ),
        (
            "woocommerce-order-refunded.http",
            "order.updated",
            "7b5d3f1e9c8a4620d4f6b8a0c2e4061f",
            "2026-04-16T08:00:00+00:00",
        ),
        (
            "woocommerce-customer-created.http",
            "contact.created",
            "1d2e3f4a5b6c4d7e8f9a0b1c2d3e4f5a",
            "2026-04-15T09:59:50+00:00",
        ),
    ],
)
def test_samples_have_their_type_id_and_time(file: str, type: str, identity: str, at: str) -> None:
    event = read(file)

    assert (event.type, event.identity.partition("/sha256:")[0]) == (type, identity)
    assert event.occurred_at is not None
    assert event.occurred_at.isoformat() == at


def test_a_completed_order_is_read_whole() -> None:
    assert read("woocommerce-order-completed.http").form == {
        "order": {
            "id": 7268,
            "number": "7268",
            "status": "completed",
            "amount": 149,
            "currency": "EUR",
            "email": "mira.sol@harbour.example",
            "product": "Safety Basics",
            "products": ["Safety Basics"],
            "items": [
                {
                    "id": 93,
                    "sku": "SAFE-101",
                    "name": "Safety Basics",
                    "quantity": 1,
                    "price": 125.21,
                    "custom": {"pa_place": "online"},
                }
            ],
            "customer_id": 318,
            "created_at": "2026-04-15T09:59:58Z",
            "paid_at": "2026-04-15T10:00:08Z",
            "custom": {"payment_method": "stripe", "learner_email": "ada.lindt@meadow.example"},
        },
        "contact": {
            "id": 318,
            "first_name": "Mira",
            "last_name": "Sol",
            "name": "Mira Sol",
            "email": "mira.sol@harbour.example",
            "country": "DE",
            "company_name": "Harbour Ltd",
        },
    }


def test_a_refunded_order_has_its_refund() -> None:
    form = read("woocommerce-order-refunded.http").form

    assert form["order"]["status"] == "refunded"  # type: ignore[index]
    assert form["refund"] == {
        "id": 7301,
        "order_id": 7268,
        "amount": 149,
        "currency": "EUR",
        "reason": "Cannot attend",
        "full": True,
    }


def test_an_order_becomes_completed_and_refunded_once_each() -> None:
    files = [f"woocommerce-order-{edit}.http" for edit in ("completed", "refunded")]

    forms = remembered(files[0], files[0], files[1], files[1])

    completed = [becomes(form, "order.status", "completed") for form in forms]
    refunded = [becomes(form, "order.status", "refunded") for form in forms]
    assert completed == [True, False, False, False]
    assert refunded == [False, False, True, False]


def test_a_customer_is_read_whole() -> None:
    assert read("woocommerce-customer-created.http").form == {
        "contact": {
            "first_name": "Mira",
            "last_name": "Sol",
            "name": "Mira Sol",
            "email": "mira.sol@harbour.example",
            "country": "DE",
            "company_name": "Harbour Ltd",
            "id": 318,
            "custom": {"role": "customer", "username": "mira.sol", "newsletter": "yes"},
        }
    }


def test_a_partial_refund_is_not_full() -> None:
    order = {
        "id": 1,
        "status": "completed",
        "refunds": [{"id": 2, "reason": "", "total": "-12.50"}],
    }

    assert form_of("woocommerce", order, "order.updated")["refund"] == {
        "id": 2,
        "order_id": 1,
        "amount": 12.5,
        "full": False,
    }


def test_a_guest_has_no_number() -> None:
    order = {
        "id": 1,
        "customer_id": 0,
        "billing": {"email": "g@x.example", "first_name": "Gast", "last_name": ""},
    }

    assert form_of("woocommerce", order, "order.created") == {
        "order": {"id": 1, "email": "g@x.example"},
        "contact": {"first_name": "Gast", "email": "g@x.example"},
    }


@pytest.mark.parametrize(
    ("topic", "type"),
    [
        ("order.created", "order.created"),
        ("customer.deleted", "contact.deleted"),
        ("subscription.updated", "subscription.updated"),
        ("odd", "odd"),
        (None, None),
    ],
    ids=str,
)
def test_topics_keep_their_verbs(topic: str | None, type: str | None) -> None:
    assert type_of("woocommerce", {}, topic) == type


def test_what_is_deleted_has_nothing_left_but_its_id() -> None:
    whole = read("woocommerce-order-completed.http").body

    assert type_of("woocommerce", {"id": 7268}, "order.deleted") == "order.deleted"
    assert type_of("woocommerce", whole, "order.deleted") == "order.updated"


def test_without_a_delivery_id_the_order_and_its_hash_name_the_event() -> None:
    one, other = {"id": 7, "status": "processing"}, {"id": 7, "status": "completed"}

    assert identity_of("woocommerce", one) == identity_of("woocommerce", one)
    assert identity_of("woocommerce", one) != identity_of("woocommerce", other)


def test_other_topics_stand_under_body() -> None:
    assert form_of("woocommerce", {"id": 1}, "product.updated") == {"body": {"id": 1}}
