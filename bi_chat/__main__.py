"""In: `python -m bi_chat …`. Out: the same as the `bi-chat` command."""

from bi_chat.frontends.cli import main

if __name__ == "__main__":
    raise SystemExit(main())
