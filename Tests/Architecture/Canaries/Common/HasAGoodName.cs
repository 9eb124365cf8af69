namespace PciBus.Tests.Architecture.Canaries.Common;

internal sealed class HasAGoodName;
