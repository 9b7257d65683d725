// A day in 96 × 24: one neutral line, dashed where the price was 24 h ago, flat when nothing happened.

const LEAST_RANGE = 0.005;

export function drawSparkline(canvas, closes, reference, colours) {
  const scale = window.devicePixelRatio || 1;
  const width = canvas.clientWidth;
  const height = canvas.clientHeight;
  if (!width) return;
  if (canvas.width !== Math.round(width * scale)) {
    canvas.width = Math.round(width * scale);
    canvas.height = Math.round(height * scale);
  }
  const pen = canvas.getContext("2d");
  pen.setTransform(scale, 0, 0, scale, 0, 0);
  pen.clearRect(0, 0, width, height);
  if (closes.length < 2) return;
  const all = reference === null ? closes : [...closes, reference];
  const middle = (Math.min(...all) + Math.max(...all)) / 2;
  const range = Math.max(Math.max(...all) - Math.min(...all), middle * LEAST_RANGE);
  const y = (value) => height / 2 - ((value - middle) / range) * (height - 4);
  if (reference !== null) {
    pen.strokeStyle = colours.line;
    pen.lineWidth = 1;
    pen.setLineDash([2, 3]);
    pen.beginPath();
    pen.moveTo(0, Math.round(y(reference)) + 0.5);
    pen.lineTo(width, Math.round(y(reference)) + 0.5);
    pen.stroke();
    pen.setLineDash([]);
  }
  pen.strokeStyle = colours.pen;
  pen.lineWidth = 1.5;
  pen.lineJoin = "round";
  pen.beginPath();
  closes.forEach((close, index) => {
    const x = 1 + (index / (closes.length - 1)) * (width - 2);
    if (index) pen.lineTo(x, y(close));
    else pen.moveTo(x, y(close));
  });
  pen.stroke();
}
