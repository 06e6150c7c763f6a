"""The words and rules of the trade: pure, no IO, no clock, nothing imported but the standard library."""
