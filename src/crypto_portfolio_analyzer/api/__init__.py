"""How programs ask: HTTP, WebSocket, and the address they are served from."""
