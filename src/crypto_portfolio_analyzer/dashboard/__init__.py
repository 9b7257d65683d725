"""How people look: a static page that speaks to the server over HTTP and one WebSocket, like anybody else."""
