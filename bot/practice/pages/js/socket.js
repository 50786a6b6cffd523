/** The table's connection to its casino: one WebSocket that comes back by itself. */

const RETRY_MS = 500;

export class Connection {
  /** `handlers`: `opened()`, `message(object)`, `closed()` (once per loss, not per failed retry). */
  constructor(url, handlers) {
    this.url = url;
    this.handlers = handlers;
    this.socket = null;
    this.connected = false;
    this.open();
  }

  open() {
    const socket = new WebSocket(this.url);
    this.socket = socket;
    socket.onopen = () => {
      this.connected = true;
      this.handlers.opened();
    };
    socket.onmessage = (event) => this.handlers.message(JSON.parse(event.data));
    socket.onclose = () => {
      if (this.connected) this.handlers.closed();
      this.connected = false;
      setTimeout(() => this.open(), RETRY_MS);
    };
  }

  /** Sends `message` if there is somebody to send it to; says whether it did. */
  send(message) {
    if (!this.connected || this.socket.readyState !== WebSocket.OPEN) return false;
    this.socket.send(JSON.stringify(message));
    return true;
  }
}
