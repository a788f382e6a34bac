"""Shopify's orders, refunds and customers in the names of the normal form."""

import pytest

from tests.normal_forms import becomes, form_of, identity_of, read, remembered, type_of

LINES = {
    "product": "Safety Basics",
    "products": ["Safety Basics"],
    "items": [
        {
            "id": 8220113344667,
            "sku": "SAFE-101",
            "name": "Safety Basics",
            "variant": "Online",
            "quantity": 1,
            "price": 149,
            "custom": {"Learner e-mail": "ada.lindt@meadow.example"},
        }
    ],
}


@pytest.mark.parametrize(
    ("file", "type"),
    [
        ("shopify-order-paid.http", "order.paid"),
        ("shopify-order-refunded.http", "order.updated"),
        ("shopify-refund.http", "order.refunded"),
        ("shopify-customer-updated.http", "contact.updated"),
    ],
)
def test_the_topic_names_the_type(file: str, type: str) -> None:
    assert read(file).type == type


def test_a_paid_order_is_read_whole() -> None:
    assert read("shopify-order-paid.http").form == {
        "order": {
            "id": 5871204931820,
            "number": "#1042",
            "status": "paid",
            "amount": 149,
            "currency": "EUR",
            "email": "mira.sol@harbour.example",
            **LINES,
            "customer_id": 7390112844551,
            "created_at": "2026-04-15T09:59:58Z",
            "custom": {"tags": ["course", "b2b"], "course_id": "101"},
        },
        "contact": {
            "id": 7390112844551,
            "first_name": "Mira",
            "last_name": "Sol",
            "name": "Mira Sol",
            "email": "mira.sol@harbour.example",
            "country": "DE",
            "company_name": "Harbour Ltd",
        },
    }


def test_a_refund_names_its_order_and_what_was_given_back() -> None:
    assert read("shopify-refund.http").form == {
        "order": {
            "id": 5871204931820,
            **LINES,
        },
        "refund": {
            "id": 940112233446,
            "order_id": 5871204931820,
            "amount": 149,
            "currency": "EUR",
            "reason": "Cannot attend",
            "refunded_at": "2026-04-16T08:00:00Z",
        },
    }


def test_a_refunded_order_says_so_with_its_buyer() -> None:
    form = read("shopify-order-refunded.http").form

    assert form["order"]["status"] == "refunded"  # type: ignore[index]
    assert form["contact"]["email"] == "mira.sol@harbour.example"  # type: ignore[index]


def test_an_order_becomes_refunded_once_whatever_comes_between() -> None:
    forms = remembered(
        "shopify-order-paid.http",
        "shopify-refund.http",
        "shopify-order-refunded.http",
        "shopify-order-refunded.http",
    )

    refunded = [becomes(form, "order.status", "refunded") for form in forms]
    assert refunded == [False, False, True, False]
    assert becomes(forms[0], "order.status", "paid")


def test_a_customer_is_read_whole() -> None:
    assert read("shopify-customer-updated.http").form == {
        "contact": {
            "id": 7390112844551,
            "first_name": "Mira",
            "last_name": "Sol",
            "name": "Mira Sol",
            "email": "mira.sol@harbour.example",
            "country": "DE",
            "company_name": "Harbour Ltd",
            "tags": ["learner", "b2b"],
            "custom": {"state": "disabled", "verified_email": True},
        }
    }


def test_topics_that_share_an_event_id_are_two_events_and_a_retry_is_none() -> None:
    def posted(topic: str, webhook: str) -> str:
        headers = {
            "X-Shopify-Event-Id": "e-1",
            "X-Shopify-Topic": topic,
            "X-Shopify-Webhook-Id": webhook,
        }
        return identity_of("shopify", {"id": 7}, headers)

    assert posted("orders/create", "w-1") != posted("orders/paid", "w-2")
    assert posted("orders/paid", "w-2") == posted("orders/paid", "w-3") == "e-1/orders%2Fpaid/7"


def test_without_an_event_id_the_delivery_has_its_own() -> None:
    assert identity_of("shopify", {"id": 7}, {"X-Shopify-Webhook-Id": "w-1"}) == "w-1"


@pytest.mark.parametrize(
    "status", ["pending", "authorized", "voided", "refunded", None, []], ids=str
)
def test_a_topic_that_the_signed_body_contradicts_makes_no_order_paid(status: object) -> None:
    assert type_of("shopify", {"financial_status": status}, "orders/paid") == "order.updated"


@pytest.mark.parametrize(
    ("topic", "type"),
    [
        ("orders/create", "order.created"),
        ("orders/updated", "order.updated"),
        ("orders/delete", "order.deleted"),
        ("orders/fulfilled", "order.fulfilled"),
        ("customers/create", "contact.created"),
        ("customers/enable", "contact.enabled"),
        ("draft_orders/update", "draft_order.updated"),
        ("app/uninstalled", "app.uninstalled"),
        ("odd", "odd"),
        (None, None),
    ],
    ids=str,
)
def test_topics_are_named_as_other_senders_name_them(topic: str | None, type: str | None) -> None:
    assert type_of("shopify", {}, topic) == type


@pytest.mark.parametrize(
    ("topic", "body", "type"),
    [
        ("orders/cancelled", {"id": 1, "cancelled_at": "2026-04-16T10:00:00Z"}, "order.cancelled"),
        ("orders/cancelled", {"id": 1, "cancelled_at": None}, "order.updated"),
        ("orders/delete", {"id": 1}, "order.deleted"),
        ("orders/delete", {"id": 1, "line_items": []}, "order.updated"),
        ("refunds/create", {"id": 1, "refund_line_items": []}, "order.refunded"),
        ("refunds/create", {"id": 1, "line_items": []}, "order.updated"),
    ],
    ids=str,
)
def test_what_takes_an_order_back_counts_only_where_the_body_bears_it_out(
    topic: str, body: object, type: str
) -> None:
    assert type_of("shopify", body, topic) == type


def test_a_guest_is_who_stands_in_the_billing_address() -> None:
    order = {
        "id": 1,
        "email": "g@x.example",
        "billing_address": {
            "first_name": "Gast",
            "last_name": "Eins",
            "country_code": "DE",
            "company": "",
        },
    }

    assert form_of("shopify", order, "order.created") == {
        "order": {"id": 1, "email": "g@x.example"},
        "contact": {
            "first_name": "Gast",
            "last_name": "Eins",
            "name": "Gast Eins",
            "email": "g@x.example",
            "country": "DE",
        },
    }


def test_only_money_that_went_back_counts_as_refunded() -> None:
    def back(amount: object, kind: str = "refund", status: str = "success") -> dict[str, object]:
        return {"amount": amount, "kind": kind, "status": status, "currency": "EUR"}

    transactions = [
        back("10.10"),
        back("0.20"),
        back("5.00", status="failure"),
        back("7.00", kind="void"),
        back("x"),
    ]
    form = form_of(
        "shopify", {"id": 1, "order_id": 2, "transactions": transactions}, "order.refunded"
    )

    assert form == {
        "order": {"id": 2},
        "refund": {"id": 1, "order_id": 2, "amount": 10.3, "currency": "EUR"},
    }


def test_other_topics_stand_under_body() -> None:
    assert form_of("shopify", {"id": 1}, "product.updated") == {"body": {"id": 1}}
