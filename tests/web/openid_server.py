"""A real OpenID provider in a process of its own, on loopback; it insists on PKCE, and says where it listens.

`python tests/web/openid_server.py`: knows wang, and whoever is named at its form.
"""

from __future__ import annotations

import warnings
from base64 import urlsafe_b64encode
from hashlib import sha256

import flask
import werkzeug.serving

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # it grumbles about libraries of its own
    import oidc_provider_mock
    from oidc_provider_mock import User

PEOPLE = (
    User(sub="1001", claims={"preferred_username": "wang", "email": "wang@office.example", "email_verified": True}),
    User(sub="1002", claims={"preferred_username": "stranger", "email": "sun@office.example", "email_verified": False}),
)


def insist_on_pkce(app: flask.Flask) -> None:
    """Refuse whoever asks without a challenge, or redeems a code without what fits it."""
    challenges: set[str] = set()

    @app.before_request
    def look() -> flask.typing.ResponseReturnValue | None:
        asked = flask.request
        if asked.path == "/oauth2/authorize":
            if asked.args.get("code_challenge_method") != "S256" or not asked.args.get("nonce"):
                return flask.Response("no challenge", 400)
            challenges.add(asked.args["code_challenge"])
        if asked.path == "/oauth2/token":
            digest = sha256(asked.form.get("code_verifier", "").encode()).digest()
            if urlsafe_b64encode(digest).decode().rstrip("=") not in challenges:
                return flask.jsonify(error="invalid_grant"), 400
        return None


def main() -> None:
    """Serve until the process is ended."""
    app = oidc_provider_mock.app(require_nonce=True, user_claims=PEOPLE)
    insist_on_pkce(app)
    server = werkzeug.serving.make_server("localhost", 0, app, threaded=True)
    print(f"http://localhost:{server.server_port}", flush=True)  # noqa: T201 - the test reads it
    server.serve_forever()


if __name__ == "__main__":
    main()
