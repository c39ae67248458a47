"""A recipe, and every value of it, as arguments."""

import argparse
from collections.abc import Collection

from tasb_pyserini.formats.errors import TasbError
from tasb_pyserini.training.config import CHOICES
from tasb_pyserini.training.recipe import (
    ENCODER_KEYS,
    TRAINING_KEYS,
    Recipe,
    load_recipe,
    recipe_names,
)

TEACHERS = ("tct-teacher", "teacher")
"""The recipes of ``tasb train-teacher``; all others are of students."""

HELP = {
    "steps": "updates",
    "batch_size": "queries per batch",
    "learning_rate": "highest learning rate; a new student needs about 5e-4",
    "schedule": "what the learning rate does after warm-up",
    "warmup_steps": "updates over which the learning rate rises",
    "max_grad_norm": "norm that longer gradients are cut to",
    "mixed_precision": "of the transformer; scores and losses are fp32",
    "seed": "of all that is random",
    "strategy": "which queries and pairs make up a batch",
    "clusters_per_batch": "clusters that the queries of a batch come from",
    "short_clusters": "fill batches from further clusters, or leave short ones out",
    "bins": "margin bins per query",
    "max_margin": "largest margin that strategy hard-margin draws",
    "pair_loss": "on a query's own passages; the pairs need scores",
    "in_batch_loss": "on all passages; needs --teacher, but for contrastive",
    "in_batch_weight": "weight of the in-batch loss beside a pair loss",
    "normalisation": "of in-batch losses: the authors' code, or the equation",
    "temperature": "temperature of the teacher in tct-kl",
    "encode_query": "twice: under another dropout for each passage",
    "teacher_masks": "[MASK] tokens that ColBERT reads behind a query",
    "accumulate": "batches per update",
    "cache_chunk": "pairs encoded at a time, for batches larger than memory; 0: all",
    "refresh_every": "updates between two draws of new negatives; 0: none are drawn",
    "refresh_depth": "last rank of the student that new negatives come from",
    "refresh_skip": "ranks at the top that they don't come from",
    "refresh_negatives": "new negatives that each positive meets",
    "gather": "true or false: share in-batch negatives between processes",
    "compile": "true or false: compile the transformer",
    "validate_every": "updates between two validations",
    "patience": "validations without improvement until training stops",
    "stop_not_before": "first update at which it may stop",
    "keep": "best checkpoints that are kept",
    "checkpoint_every": "updates between two saved states",
    "log_every": "updates between two lines of the log",
    "pooling": "cls or mean",
    "query_prefix": "put before each query",
    "passage_prefix": "put before each passage",
    "query_max_length": "tokens, [CLS] and [SEP] counted",
    "passage_max_length": "tokens, counted in the same way",
}


def add_recipe_arguments(
    parser: argparse.ArgumentParser, default: str, leave_out: Collection[str] = ()
) -> None:
    """Declare ``--recipe``, and an argument for each of its values.

    Parameters
    ----------
    parser
        Of a command.
    default
        Name of its recipe where none is given.
    leave_out
        Values that mean nothing to the command.
    """
    group = parser.add_argument_group(
        "recipe, and values in place of its own",
        "A value that is not given is the recipe's.",
    )
    known = ", ".join(_names_of(teaches=default in TEACHERS))
    group.add_argument(
        "--recipe",
        default=default,
        metavar="NAME|FILE",
        help=f"{known}, or a YAML file of the same form",
    )
    for key in (*TRAINING_KEYS, *ENCODER_KEYS):
        if key in leave_out:
            continue
        names = [f"--{key.replace('_', '-')}"]
        if key == "learning_rate":
            names.append("--lr")
        choices = CHOICES.get(key)
        group.add_argument(
            *names,
            dest=key,
            choices=choices,
            metavar=None if choices else "VALUE",
            default=argparse.SUPPRESS,
            help=HELP[key],
        )


def recipe_of(args: argparse.Namespace) -> Recipe:
    """Return the recipe with the values that were given in place of its own.

    Raises
    ------
    TasbError
        If there is no such recipe, or it is of the other command.
    """
    if args.recipe in recipe_names():
        _check_command(args.recipe, args.command)
    given = vars(args)
    keys = (*TRAINING_KEYS, *ENCODER_KEYS)
    recipe = load_recipe(args.recipe)
    if recipe.loss is not None and args.command != "train-teacher":
        raise TasbError(
            f"recipe {args.recipe}: loss {recipe.loss}: of 'tasb train-teacher'; "
            "expected pair_loss and in_batch_loss, which a student has"
        )
    return recipe.changed({k: given[k] for k in keys if k in given})


def _check_command(recipe: str, command: str) -> None:
    """Refuse a teacher's recipe for a student, and a student's for a teacher."""
    teaches = command == "train-teacher"
    if (recipe in TEACHERS) == teaches:
        return
    known = " or ".join(_names_of(teaches))
    raise TasbError(
        f"recipe {recipe}: of 'tasb {'train' if teaches else 'train-teacher'}'; "
        f"expected {known}, or a YAML file of the same form"
    )


def _names_of(teaches: bool) -> list[str]:
    """Return the recipes of the one command or the other."""
    return [name for name in recipe_names() if (name in TEACHERS) == teaches]
