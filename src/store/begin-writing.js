/**
 * Begins a transaction that has the write lock, or fails as locked. NB. the lock is taken by the first statement, a write:
 * reading first and writing later fails with SQLITE_BUSY_SNAPSHOT when somebody else wrote in between, and no timeout
 * helps. And as a script: libsql leaves a statement open that failed as busy, and then no later transaction can commit.
 *
 * JavaScript, as the thread of `sqlite-thread.js` uses it, too.
 *
 * @param {import('@libsql/client').Client} client
 * @param {string} write takes the lock
 */
export async function beginWriting(client, write) {
  const transaction = await client.transaction('deferred');
  try {
    await transaction.executeMultiple(write);
    return transaction;
  } catch (error) {
    transaction.close();
    throw error;
  }
}
