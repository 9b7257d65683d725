"""What somebody will read: notifications, their wording, templates and escaping; pure."""
