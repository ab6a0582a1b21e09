"""`okta-actions completion`: prints the script that lets a shell complete commands, options and names."""

from typing import Annotated, Literal

import typer
import typer.completion

from server.cli.completing import VARIABLE
from server.cli.tree import NAME
from server.media.terminal import say

BASH = f"""_okta_actions_completion() {{
    local IFS=$'\\n' one
    COMPREPLY=()
    for one in $(COMP_WORDS="${{COMP_WORDS[*]}}" COMP_CWORD=$COMP_CWORD {VARIABLE}=complete_bash {NAME} 2>/dev/null); do
        COMPREPLY+=("$(printf %q "$one")")
    done
}}
complete -o default -F _okta_actions_completion {NAME}
COMP_WORDBREAKS=${{COMP_WORDBREAKS//@/}}"""
"""Names may have blanks, and logins an @, both of which break words in bash."""


def command(
    shell: Annotated[
        Literal["bash", "zsh", "fish", "powershell"], typer.Argument(help="bash, zsh, fish or powershell.")
    ],
) -> None:
    """Print the script that completes commands in a shell.

    Commands, options, connections and actions, and people and groups of the org that is connected, which are looked up
    from the second letter on.

    In bash, add to ~/.bashrc: eval "$(okta-actions completion bash)". In zsh, to ~/.zshrc after compinit: eval
    "$(okta-actions completion zsh)". In fish: okta-actions completion fish >
    ~/.config/fish/completions/okta-actions.fish
    """
    made = getattr(typer.completion, "get_completion_script")  # noqa: B009 - typer's own, which it does not export
    script = BASH if shell == "bash" else made(prog_name=NAME, complete_var=VARIABLE, shell=shell)
    say(*script.split("\n"), whole=True)
