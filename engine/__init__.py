"""The engine: rules decide, actions do."""
