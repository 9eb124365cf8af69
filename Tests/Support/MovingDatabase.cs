namespace PciBus.Tests.Support;

/// <summary>A database that goes back to an earlier moment while servers use it.</summary>
internal abstract class MovingDatabase : TestDatabase
{
    /// <summary>What is committed from now on will be lost.</summary>
    public abstract void CutOff();

    /// <summary>The database of the moment when it was cut off answers at the same address.</summary>
    public abstract void GoBack();

    public override void IgnoreUpdates(string table, string column, string when) => throw new NotSupportedException();
}
