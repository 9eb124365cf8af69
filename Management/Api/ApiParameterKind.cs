namespace PciBus.Management.Api;

/// <summary>CloudStack's types of parameters.</summary>
internal enum ApiParameterKind
{
    String,
    Integer,
    Long,

    /// <summary><c>true</c> or <c>false</c>, in any case. What is neither is refused; CloudStack takes it for false.</summary>
    Boolean,
    Date,

    /// <summary>Comma-separated.</summary>
    List,

    /// <summary><c>name[i].key=K</c> with <c>name[i].value=V</c>, or <c>name[i].field=V</c>.</summary>
    Map,
    Uuid,
}
