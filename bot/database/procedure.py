"""PostgreSQL's stored procedure ``log_crash_game_round``: one round logged from SQL, by any client.

Its parameters are the columns with ``p_`` before them, named and optional: decimals as ``numeric``, times as
``timestamptz``, ``p_metadata`` as ``jsonb``. What is not exact is refused with the name of the parameter. A
round that is there already changes nothing. ``p_round_id`` comes back.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import BigInteger, Boolean, Column, Float

from bot.database.base import SCALE, TIME, Base
from bot.database.wide import CrashGameRound

NAME = "log_crash_game_round"
SCALED_FUNCTION = "crashbot_scaled"
TIME_FUNCTION = "crashbot_utc_us"
#: The database makes these itself.
_OWN = {"created_at", "updated_at", "date_bucket", "hour_bucket"}

_SCALED = f"""CREATE FUNCTION {SCALED_FUNCTION}(value numeric, places integer, field text) RETURNS bigint
LANGUAGE plpgsql IMMUTABLE AS $$
DECLARE
  stored numeric;
BEGIN
  IF value IS NULL THEN
    RETURN NULL;
  END IF;
  IF value IN ('NaN', 'Infinity', '-Infinity') THEN
    RAISE EXCEPTION '% must be a finite number, not %', field, value USING ERRCODE = 'check_violation';
  END IF;
  stored := value * 10::numeric ^ places;
  IF stored <> trunc(stored) THEN
    RAISE EXCEPTION '% takes at most % decimals, not %', field, places, value
      USING ERRCODE = 'check_violation';
  END IF;
  IF abs(stored) > 9223372036854775807 THEN
    RAISE EXCEPTION '% is too large: %', field, value USING ERRCODE = 'check_violation';
  END IF;
  RETURN stored::bigint;
END
$$"""

_TIME = f"""CREATE FUNCTION {TIME_FUNCTION}(value timestamptz, field text) RETURNS bigint
LANGUAGE plpgsql IMMUTABLE AS $$
BEGIN
  IF value IN ('infinity', '-infinity') THEN
    RAISE EXCEPTION '% must be a time, not %', field, value USING ERRCODE = 'check_violation';
  END IF;
  RETURN (EXTRACT(EPOCH FROM value) * 1000000)::bigint;
END
$$"""


def procedure_ddl() -> list[str]:
    """The statements that make the procedure and the functions that it uses."""
    return [_SCALED, _TIME, _procedure()]


def _procedure() -> str:
    table = Base.metadata.tables[CrashGameRound.__tablename__]
    columns = [column for column in table.columns if column.name not in _OWN]
    parameters = ",\n  ".join(_parameter(column) for column in columns)
    names = ", ".join(column.name for column in columns)
    values = ",\n    ".join(_value(column) for column in columns)
    return (
        f"CREATE PROCEDURE {NAME}(\n  {parameters}\n)\nLANGUAGE plpgsql AS $$\nBEGIN\n"
        "  IF p_bot_id IS NULL OR NOT EXISTS "
        "(SELECT 1 FROM bot_vm_registration WHERE bot_id = p_bot_id) THEN\n"
        "    RAISE EXCEPTION 'p_bot_id = % is not registered', p_bot_id "
        "USING ERRCODE = 'foreign_key_violation';\n"
        "  END IF;\n"
        "  p_round_id := COALESCE(p_round_id, gen_random_uuid()::text);\n"
        f"  INSERT INTO crash_game_rounds ({names})\n  VALUES (\n    {values}\n  )\n"
        "  ON CONFLICT (round_id) DO NOTHING;\nEND\n$$"
    )


def _parameter(column: Column[Any]) -> str:
    mode = "INOUT " if column.primary_key else ""
    return f"{mode}p_{column.name} {_type(column)} DEFAULT NULL"


def _type(column: Column[Any]) -> str:
    if SCALE in column.info:
        return "numeric"
    if TIME in column.info:
        return "timestamptz"
    if column.name == "metadata":
        return "jsonb"
    kinds = {BigInteger: "bigint", Boolean: "boolean", Float: "double precision"}
    return next((name for kind, name in kinds.items() if isinstance(column.type, kind)), "text")


def _value(column: Column[Any]) -> str:
    given = f"p_{column.name}"
    if SCALE in column.info:
        return f"{SCALED_FUNCTION}({given}, {column.info[SCALE]}, '{given}')"
    if TIME in column.info:
        return f"{TIME_FUNCTION}({given}, '{given}')"
    if column.name == "round_outcome":
        return f"COALESCE({given}, 'UNKNOWN')"
    return given
