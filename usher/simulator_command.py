"""`usher simulator`: a Coursebox to try things on."""

import click

from coursebox.simulator import SAMPLE_EMAIL, SAMPLE_PASSWORD, serve


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option("--port", default=8001, show_default=True, type=click.IntRange(1, 65535))
@click.option("--email", default=SAMPLE_EMAIL, show_default=True, help="Who may log in.")
@click.option("--password", default=SAMPLE_PASSWORD, show_default=True, help="With which password.")
def simulator(host: str, port: int, email: str, password: str) -> None:
    """Run the Coursebox simulator: the vendor's API as a real server, with trouble on demand.

    Its page at / shows courses and learners; see docs/simulator.md for the rest.
    """
    serve(host, port, email=email, password=password)
