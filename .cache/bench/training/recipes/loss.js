/** Errors beyond this many normal spreads count linearly, so that a glitch in the training data does not steer. */
const delta = 1;
/** Mean over entries with weight 1; all three [B, L, C]. */
export function maskedHuber(tf, predicted, target, weight) {
    const error = tf.abs(tf.sub(predicted, target));
    const quadratic = tf.minimum(error, delta);
    const linear = tf.sub(error, quadratic);
    const each = tf.add(tf.mul(0.5, tf.square(quadratic)), tf.mul(delta, linear));
    return tf.div(tf.sum(tf.mul(each, weight)), tf.maximum(tf.sum(weight), 1)).asScalar();
}
