const sigmoid = (value) => 1 / (1 + Math.exp(-value));
/** The same as `blockLstm`: z = [x, h] W + b in gates i, f, g, o; c = sigmoid(f) c' + sigmoid(i) tanh(g); h = sigmoid(o) tanh(c). */
export function plainLstm(tf, { x, weights, bias, h0, c0 }, withCells) {
    const [T, B, I] = x.shape;
    const H = h0.shape[1];
    const width = I + H;
    const operation = tf.customGrad((...args) => {
        const [xs, W, b, first, firstCell] = args.slice(0, 5).map((tensor) => tensor.dataSync());
        const tape = forward(xs, W, b, first, firstCell);
        const h = tf.tensor3d(tape.h, [T, B, H]);
        const value = withCells ? tf.concat([h, tf.tensor3d(tape.c, [T, B, H])], 2) : h;
        return { value, gradFunc: (dy) => backward(tape, W, firstCell, dy) };
    });
    return operation(x, weights, bias, h0, c0);
    function forward(xs, W, b, h0, c0) {
        const rows = T * B;
        const inputs = new Float32Array(rows * width);
        const gates = new Float32Array(rows * 4 * H);
        const c = new Float32Array(rows * H);
        const h = new Float32Array(rows * H);
        for (let r = 0; r < rows; r++) {
            const [state, cell, before] = r < B ? [h0, c0, r * H] : [h, c, (r - B) * H];
            const input = inputs.subarray(r * width, (r + 1) * width);
            input.set(xs.subarray(r * I, (r + 1) * I));
            input.set(state.subarray(before, before + H), I);
            const z = gates.subarray(r * 4 * H, (r + 1) * 4 * H);
            z.set(b);
            for (let k = 0; k < width; k++) {
                const a = input[k];
                if (a === 0)
                    continue;
                for (let j = 0, w = k * 4 * H; j < 4 * H; j++, w++)
                    z[j] = z[j] + a * W[w];
            }
            for (let j = 0; j < H; j++) {
                const i = sigmoid(z[j]);
                const f = sigmoid(z[H + j]);
                const g = Math.tanh(z[2 * H + j]);
                const o = sigmoid(z[3 * H + j]);
                const next = f * cell[before + j] + i * g;
                z[j] = i;
                z[H + j] = f;
                z[2 * H + j] = g;
                z[3 * H + j] = o;
                c[r * H + j] = next;
                h[r * H + j] = o * Math.tanh(next);
            }
        }
        return { inputs, gates, c, h };
    }
    function backward({ inputs, gates, c }, W, c0, dy) {
        const upstream = dy.dataSync();
        const stride = withCells ? 2 * H : H;
        const dx = new Float32Array(T * B * I);
        const dW = new Float32Array(width * 4 * H);
        const db = new Float32Array(4 * H);
        // What flows back to the step before, a row an example.
        const dh = new Float32Array(B * H);
        const dc = new Float32Array(B * H);
        const dz = new Float32Array(4 * H);
        for (let r = T * B - 1; r >= 0; r--) {
            const n = (r % B) * H;
            const gate = gates.subarray(r * 4 * H, (r + 1) * 4 * H);
            for (let j = 0; j < H; j++) {
                const i = gate[j];
                const f = gate[H + j];
                const g = gate[2 * H + j];
                const o = gate[3 * H + j];
                const cell = Math.tanh(c[r * H + j]);
                const before = (r < B ? c0[r * H + j] : c[(r - B) * H + j]);
                const dOut = upstream[r * stride + j] + dh[n + j];
                const dSide = withCells ? upstream[r * stride + H + j] : 0;
                const dCell = dc[n + j] + dSide + dOut * o * (1 - cell * cell);
                dz[j] = dCell * g * i * (1 - i);
                dz[H + j] = dCell * before * f * (1 - f);
                dz[2 * H + j] = dCell * i * (1 - g * g);
                dz[3 * H + j] = dOut * cell * o * (1 - o);
                dc[n + j] = dCell * f;
            }
            for (let j = 0; j < 4 * H; j++)
                db[j] = db[j] + dz[j];
            for (let k = 0; k < width; k++) {
                const a = inputs[r * width + k];
                let sum = 0;
                for (let j = 0, w = k * 4 * H; j < 4 * H; j++, w++) {
                    const d = dz[j];
                    sum += d * W[w];
                    dW[w] = dW[w] + a * d;
                }
                if (k < I)
                    dx[r * I + k] = sum;
                else
                    dh[n + k - I] = sum;
            }
        }
        return [
            tf.tensor(dx, [T, B, I]),
            tf.tensor(dW, [width, 4 * H]),
            tf.tensor(db, bias.shape),
            tf.tensor(dh, [B, H]),
            tf.tensor(dc, [B, H]),
        ];
    }
}
//# sourceMappingURL=plain.js.map